/** Ways to sign in that no contract covers, by `provider/flow`, and why; every other one has a case. */
export const notCovered: Readonly<Record<string, string>> = {
  'auggie/browser': "only the vendor's own servers are accepted at its end",
  'openclaw/copilot': 'it asks GitHub past every proxy',
  'antigravity/browser': 'the program is not to be had',
  'aws/browser': 'AWS CLI 2.22 or later is not to be had',
  'kubernetes/device': 'the program is not to be had',
  'kubernetes/browser': 'the program is not to be had',
};
