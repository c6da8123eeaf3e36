import { Arrivals } from './arrivals.ts';
import { randomText, randomUserCode } from './oauth-parts.ts';

export type DeviceState = 'pending' | 'approved' | 'denied' | 'expired';

/** One device code that a CLI waits for; the test decides when and how a person answers. */
export class PendingDevice {
  readonly deviceCode = randomText(20);
  readonly userCode: string;
  state: DeviceState = 'pending';
  /** One arrival per poll of the CLI, with the state it was answered with. */
  readonly polls = new Arrivals<DeviceState>('polls of a device code');

  constructor(userCode: string) {
    this.userCode = userCode;
  }

  approve(): void {
    this.state = 'approved';
  }

  deny(): void {
    this.state = 'denied';
  }

  expire(): void {
    this.state = 'expired';
  }
}

/** The device codes of one fake issuer (RFC 8628). */
export class DeviceGrants {
  readonly #arrivals = new Arrivals<PendingDevice>('requests for a device code');

  /** The next device code that a CLI asked for. */
  next(withinMs?: number): Promise<PendingDevice> {
    return this.#arrivals.next(withinMs);
  }

  get all(): readonly PendingDevice[] {
    return this.#arrivals.all;
  }

  /** For issuers: makes a code and announces it to the test. */
  issue(userCode = randomUserCode()): PendingDevice {
    const device = new PendingDevice(userCode);
    this.#arrivals.push(device);
    return device;
  }

  /** For issuers: the state to answer a poll with; `undefined` for an unknown device code. */
  poll(deviceCode: string | undefined): DeviceState | undefined {
    const device = this.#arrivals.all.find((known) => known.deviceCode === deviceCode);
    device?.polls.push(device.state);
    return device?.state;
  }
}
