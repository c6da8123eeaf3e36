import { LanyardError } from '../../failures.ts';

type Told = readonly [code: string, title: string, hint: string];

const accessDenied: Told = [
  'aws_access_denied',
  'AWS does not let this account take on the role.',
  "Check the role's trust policy, its external id, and that it allows sts:TagSession and sts:SetSourceIdentity where you use them.",
];
const signInExpired: Told = [
  'aws_sign_in_expired',
  'The sign-in at AWS has expired.',
  'Sign in to AWS again.',
];
const keyRefused: Told = [
  'aws_key_refused',
  'AWS does not take this key.',
  'Sign in to AWS again, or replace the key.',
];

/** By the name of the error that STS answers with. */
const refusals = new Map<string, Told>([
  ['AccessDenied', accessDenied],
  ['AccessDeniedException', accessDenied],
  ['ExpiredToken', signInExpired],
  ['ExpiredTokenException', signInExpired],
  ['InvalidClientTokenId', keyRefused],
  ['SignatureDoesNotMatch', keyRefused],
  [
    'MalformedPolicyDocument',
    [
      'aws_policy_refused',
      'AWS does not take this policy.',
      'Check the actions and resources: one of them is not known to AWS.',
    ],
  ],
  [
    'PackedPolicyTooLarge',
    [
      'aws_policy_packed_too_large',
      'Policy and tags together are too large for AWS.',
      'Use fewer resources, actions or tags.',
    ],
  ],
  [
    'RegionDisabledException',
    ['aws_region_disabled', 'This region is not enabled for the account.', 'Choose another region.'],
  ],
]);

/** What STS said no with, in words. Its own text is not shown: it holds ARNs and account numbers. */
export function awsRefusal(error: unknown): LanyardError {
  if (error instanceof LanyardError) return error;
  const name = error instanceof Error ? error.name : 'unknown';
  const text = error instanceof Error ? error.message : '';
  const [code, title, hint] = told(error, name, text);
  return new LanyardError({ code, title, hint, detail: name }, { cause: error });
}

function told(error: unknown, name: string, text: string): Told {
  const known = refusals.get(name) ?? refusals.get(name.replace(/Exception$/, ''));
  if (known) return known;
  if (name === 'ValidationError' && /DurationSeconds/.test(text)) {
    return /chaining/i.test(text)
      ? [
          'aws_role_chaining',
          'From one role into another AWS grants at most one hour.',
          'Choose an hour or less: the session is renewed while it runs.',
        ]
      : [
          'aws_lifetime_refused',
          'The role does not allow sessions that long.',
          "Choose a shorter time, or raise the role's maximum session duration.",
        ];
  }
  if (isUnanswered(error)) {
    return [
      'aws_unreachable',
      'AWS could not be reached.',
      'Check the connection and the region, and try again.',
    ];
  }
  return ['aws_refused', 'AWS did not issue credentials.', 'Check the role and the region, and try again.'];
}

/** The SDK marks what came from the service with its answer's status. */
function isUnanswered(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { $metadata: metadata } = error as { $metadata?: { httpStatusCode?: number } };
  return metadata?.httpStatusCode === undefined && error.message !== 'no credentials';
}
