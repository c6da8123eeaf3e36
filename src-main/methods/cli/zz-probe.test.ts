import { it } from 'vitest';
import { readRecordings, replay, joined, byteByByte, lengthOf } from '/work/main/src-main/methods/cli/replay.fixture.ts';
it('probe', async () => {
  for (const r of readRecordings()) {
    const t=performance.now(); const a = await replay(r); const t1=performance.now(); const b = await replay(r, joined(r.chunks)); const c = await replay(r, byteByByte(r.chunks)); const t2=performance.now();
    const s=(o:any)=>JSON.stringify(o);
    console.log(r.name, lengthOf(r.chunks), (t1-t).toFixed(1), (t2-t1).toFixed(0), s(a.events)===s(b.events), s(a.events)===s(c.events), a.failure);
    for (const e of a.events) console.log('    ', JSON.stringify(e).slice(0,150));
    if (s(a.events)!==s(c.events)) for (const e of c.events) console.log('   BBB ', JSON.stringify(e).slice(0,120));
  }
}, 100000);
