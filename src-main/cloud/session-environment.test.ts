import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { Secret } from '../vault/secret.ts';
import { containerCredentials, plainVariables } from './aws-container.ts';
import type { IssuedAwsCredentials } from './aws-credentials.ts';
import { cloudSession } from './cloud-session.fixture.ts';
import { CredentialEndpoint } from './credential-endpoint.ts';
import { endpointProtocol } from './endpoint-protocols.ts';
import { AwsIssuer } from './issuers/aws.ts';
import { awsCli, type MotoServer, motoMissing, startMoto } from './moto.fixture.ts';
import type { SessionPolicy } from './policy.ts';
import { SessionCredentials } from './session-credentials.ts';
import { openSessionDirectory, removeSessionDirectory, sessionEnvironment } from './session-environment.ts';
import type { CloudSession } from './session-record.ts';

const run = promisify(execFile);
const projectRoot = join(import.meta.dirname, '..', '..');

let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'lanyard-session-environment-'));
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

/** A home with everything that an operator may have lying there. */
function operatorHome(metadata: string): NodeJS.ProcessEnv {
  const home = join(place, 'home');
  const write = (path: string, text: string) => {
    mkdirSync(join(home, path, '..'), { recursive: true });
    writeFileSync(join(home, path), text);
  };
  const keys = 'aws_access_key_id = AKIAOPERATOR\naws_secret_access_key = operator\n';
  write('.aws/credentials', `[default]\n${keys}[work]\n${keys}`);
  write(
    '.aws/config',
    `[default]\nregion = eu-west-1\nendpoint_url = ${metadata}\ncredential_process = /bin/echo '{"Version":1,"AccessKeyId":"AKIAPROCESS","SecretAccessKey":"x"}'\n`,
  );
  write('.boto', '[Credentials]\naws_access_key_id = AKIABOTO\naws_secret_access_key = boto\n');
  write('.config/gcloud/application_default_credentials.json', '{"type":"authorized_user"}');
  write('.azure/msal_token_cache.json', '{}');
  return {
    HOME: home,
    PATH: process.env.PATH,
    USER: 'ada',
    AWS_ACCESS_KEY_ID: 'AKIAENVIRONMENT',
    AWS_SECRET_ACCESS_KEY: 'environment',
    AWS_SESSION_TOKEN: 'environment',
    AWS_PROFILE: 'work',
    AWS_CONFIG_FILE: join(home, '.aws/config'),
    AWS_SHARED_CREDENTIALS_FILE: join(home, '.aws/credentials'),
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${metadata}/container`,
    AWS_CONTAINER_AUTHORIZATION_TOKEN: 'operator',
    AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata,
    AWS_ENDPOINT_URL: metadata,
    AWS_WEB_IDENTITY_TOKEN_FILE: join(home, 'token'),
    AWS_ROLE_ARN: 'arn:aws:iam::1:role/x',
    GOOGLE_APPLICATION_CREDENTIALS: join(home, '.config/gcloud/application_default_credentials.json'),
    CLOUDSDK_AUTH_ACCESS_TOKEN: 'operator',
    GCE_METADATA_HOST: metadata,
    AZURE_CLIENT_SECRET: 'operator',
    IDENTITY_ENDPOINT: metadata,
    HTTP_PROXY: metadata,
    ARM_ACCESS_KEY: 'operator',
  };
}

const environment = (parent: NodeJS.ProcessEnv, credentials: Record<string, string>) => {
  const sessionId = randomUUID();
  return sessionEnvironment({
    sessionId,
    directory: openSessionDirectory(join(place, 'sessions'), sessionId),
    credentials,
    region: 'us-east-1',
    parent,
    searchPath: process.env.PATH ?? '',
    platform: process.platform,
  });
};

describe('C-15: the environment of a session', () => {
  it('C-15: a real child sees the session’s variables and nothing of the operator’s', async () => {
    const parent = operatorHome('http://127.0.0.1:9');
    const env = environment(parent, { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:1/credentials' });
    const { stdout } = await run(process.execPath, ['-p', 'JSON.stringify(process.env)'], { env });
    const seen = JSON.parse(stdout) as Record<string, string>;
    const clouds = Object.keys(seen).filter((name) =>
      /AWS|BOTO|GOOGLE|GCE|CLOUDSDK|AZ|ARM_|IDENTITY|META/.test(name),
    );
    expect(clouds.sort()).toEqual(
      [
        'AWS_CONFIG_FILE',
        'AWS_CONTAINER_CREDENTIALS_FULL_URI',
        'AWS_DEFAULT_REGION',
        'AWS_EC2_METADATA_DISABLED',
        'AWS_PAGER',
        'AWS_REGION',
        'AWS_SHARED_CREDENTIALS_FILE',
        'AZD_CONFIG_DIR',
        'AZURE_CONFIG_DIR',
        'BOTO_CONFIG',
        'CLOUDSDK_CONFIG',
        'GCE_METADATA_HOST',
        'GCE_METADATA_IP',
        'GCE_METADATA_ROOT',
        'GOOGLE_APPLICATION_CREDENTIALS',
        'IDENTITY_ENDPOINT',
        'IDENTITY_HEADER',
        'METADATA_SERVER_DETECTION',
        'NO_GCE_CHECK',
      ].sort(),
    );
    expect(seen).toMatchObject({ USER: 'ada', HOME: parent.HOME, AWS_REGION: 'us-east-1' });
    expect(seen.LANYARD_SESSION).toMatch(/^[0-9a-f]{8}$/);
    expect(stdout).not.toMatch(/operator|AKIA|environment"/);
    // Of the operator's metadata service only the proxy that has the same address is left.
    for (const name of ['GCE_METADATA_HOST', 'IDENTITY_ENDPOINT'])
      expect(seen[name]).toContain('127.0.0.1:1');
    for (const name of [
      'AWS_CONFIG_FILE',
      'CLOUDSDK_CONFIG',
      'AZURE_CONFIG_DIR',
      'AZD_CONFIG_DIR',
      'BOTO_CONFIG',
    ]) {
      expect(existsSync(seen[name] ?? '')).toBe(true);
      expect(seen[name]).toContain(join(place, 'sessions'));
    }
  });

  it('C-15: Google’s libraries for Go, which know no CLOUDSDK_CONFIG, do not find the operator’s login at home', () => {
    const directory = openSessionDirectory(place, randomUUID());
    const of = (credentials: Record<string, string>) =>
      sessionEnvironment({
        sessionId: randomUUID(),
        directory,
        credentials,
        region: null,
        parent: operatorHome('http://127.0.0.1:1'),
        searchPath: '/usr/bin',
        platform: process.platform,
      }).GOOGLE_APPLICATION_CREDENTIALS ?? '';
    // A file that is named and not there ends their search.
    expect(of({}).startsWith(directory)).toBe(true);
    expect(existsSync(of({}))).toBe(false);
    expect(of({ GOOGLE_APPLICATION_CREDENTIALS: '/of/the/session.json' })).toBe('/of/the/session.json');
  });

  it('C-15: a proxy of the person’s is not asked for the endpoint', () => {
    const env = environment({ HTTP_PROXY: 'http://proxy', NO_PROXY: 'corp.example' }, {});
    expect(env).toMatchObject({ HTTP_PROXY: 'http://proxy', NO_PROXY: 'corp.example,127.0.0.1,localhost' });
    expect(environment({}, {})).not.toHaveProperty('NO_PROXY');
  });

  it('C-15: the session’s directory is the person’s alone, and goes', () => {
    const id = randomUUID();
    const directory = openSessionDirectory(place, id);
    if (process.platform !== 'win32') expect(statSync(directory).mode & 0o777).toBe(0o700);
    writeFileSync(join(directory, 'gcloud', 'x'), '');
    removeSessionDirectory(place, id);
    removeSessionDirectory(place, id);
    expect(readdirSync(place)).toEqual([]);
    expect(() => removeSessionDirectory(place, '..')).toThrow('not the id');
    expect(() => openSessionDirectory(place, '../x')).toThrow('not the id');
  });
});

describe.skipIf(motoMissing !== null)(
  'C-15, C-16: real programs under a session',
  { timeout: 60_000 },
  () => {
    const policy: SessionPolicy = {
      actions: ['s3:ListBucket', 's3:ListAllMyBuckets'],
      deny: [],
      resources: [],
      sourceIps: [],
    };
    let moto: MotoServer;
    let metadataAsked: string[];
    let metadata: ReturnType<typeof createServer>;
    let metadataOrigin: string;

    beforeAll(async () => {
      moto = await startMoto();
      // Every other way to credentials ends here.
      metadata = createServer((request, response) => {
        metadataAsked.push(`${request.method} ${request.url}`);
        response.end(
          JSON.stringify({ AccessKeyId: 'AKIAMETADATA', SecretAccessKey: 'x', Token: 'x', Code: 'Success' }),
        );
      });
      await new Promise<void>((resolve) => metadata.listen(0, '127.0.0.1', resolve));
      metadataOrigin = `http://127.0.0.1:${(metadata.address() as AddressInfo).port}`;
    }, 60_000);
    afterAll(async () => {
      await moto?.stop();
      metadata?.closeAllConnections();
      metadata?.close();
    });
    beforeEach(() => {
      metadataAsked = [];
    });

    async function session(seconds = 3600) {
      const issuer = new AwsIssuer({
        keys: async () => ({
          accessKeyId: 'AKIABASE',
          secretAccessKey: new Secret('base'),
          sessionToken: null,
        }),
        region: 'us-east-1',
        clock: systemClock,
        endpoint: moto.origin,
      });
      const issue = () =>
        issuer.assumeRole({
          sessionId: record.id,
          roleArn: 'arn:aws:iam::123456789012:role/agent',
          policy,
          seconds,
        });
      let record: CloudSession = cloudSession({
        createdAt: Date.now(),
        expiresAt: Date.now() + seconds * 1000,
        leaseEndsAt: Date.now() + seconds * 1000,
      });
      const first = await issue();
      const credentials = new SessionCredentials<IssuedAwsCredentials>(
        {
          clock: systemClock,
          session: () => record,
          update: (change) => {
            record = change(record);
            return record;
          },
          issue,
          describe: ({ accessKeyId }) => ({ accessKeyId }),
          lifetimes: { usual: seconds, shortest: 900 },
        },
        first,
      );
      const endpoint = await CredentialEndpoint.open(
        endpointProtocol({ provider: 'aws', roleArn: '' }),
        async () => {
          const { credentials: issued, endsAt } = await credentials.current();
          return containerCredentials(issued, endsAt);
        },
      );
      return {
        first,
        endpoint,
        sessionId: record.id,
        revoke: () => {
          record = { ...record, status: 'revoked' };
        },
      };
    }

    /** Who the AWS SDK's own chain takes itself for, and with which key. */
    const sdkProgram = `
    const { STSClient, GetCallerIdentityCommand } = require('@aws-sdk/client-sts');
    const client = new STSClient({ endpoint: process.argv[1] });
    client.config.credentials()
      .then(async ({ accessKeyId }) => console.log(accessKeyId, (await client.send(new GetCallerIdentityCommand({}))).Arn))
      .catch((error) => { console.log(error.name, error.message); process.exitCode = 1; });`;
    const sdk = (env: Record<string, string>) =>
      run(process.execPath, ['-e', sdkProgram, moto.origin], { env, cwd: projectRoot }).then(
        ({ stdout }) => stdout.trim(),
        (error: { stdout: string }) => error.stdout.trim(),
      );
    const cli = async (env: Record<string, string>, ...args: string[]) => {
      const { file, args: before } = awsCli();
      return run(file, [...before, '--endpoint-url', moto.origin, ...args], { env, cwd: place });
    };

    it.each([900, 43_200])('C-15: the AWS SDK uses the session’s key, %s seconds', async (seconds) => {
      const { first, endpoint, sessionId } = await session(seconds);
      const env = environment(operatorHome(metadataOrigin), endpoint.awsVariables);
      const arn = `arn:aws:sts::123456789012:assumed-role/agent/lanyard-${sessionId}`;
      expect(await sdk(env)).toBe(`${first.accessKeyId} ${arn}`);
      expect(metadataAsked).toEqual([]);
      await endpoint.close();
    });

    it.each([900, 43_200])('C-15: the AWS CLI uses the session’s key, %s seconds', async (seconds) => {
      const { first, endpoint, sessionId } = await session(seconds);
      const env = environment(operatorHome(metadataOrigin), endpoint.awsVariables);
      const { stdout: configured } = await cli(env, 'configure', 'list');
      expect(configured).toContain(first.accessKeyId.slice(-4));
      expect(configured).toContain('container-role');
      const { stdout } = await cli(env, 'sts', 'get-caller-identity', '--output', 'json');
      expect(JSON.parse(stdout).Arn).toBe(
        `arn:aws:sts::123456789012:assumed-role/agent/lanyard-${sessionId}`,
      );
      await cli(env, 's3', 'mb', `s3://lanyard-${seconds}`);
      expect((await cli(env, 's3', 'ls')).stdout).toContain(`lanyard-${seconds}`);
      expect(metadataAsked).toEqual([]);
      await endpoint.close();
    });

    it('C-16: as plain variables where asked for', async () => {
      const { first, endpoint } = await session();
      const env = environment(operatorHome(metadataOrigin), plainVariables(first));
      expect(await sdk(env)).toContain(first.accessKeyId);
      await endpoint.close();
    });

    it('C-17: after a revocation, and after the endpoint is gone, neither finds any credentials', async () => {
      const { endpoint, revoke } = await session();
      const env = environment(operatorHome(metadataOrigin), endpoint.awsVariables);
      revoke();
      expect(await sdk(env)).toContain('CredentialsProviderError');
      await expect(cli(env, 'sts', 'get-caller-identity')).rejects.toMatchObject({
        stderr: expect.stringContaining('session_ended'),
      });
      await endpoint.close();
      expect(await sdk(env)).toMatch(/CredentialsProviderError|ECONNREFUSED/);
      await expect(cli(env, 'sts', 'get-caller-identity')).rejects.toThrow();
      expect(metadataAsked).toEqual([]);
    });
  },
);
