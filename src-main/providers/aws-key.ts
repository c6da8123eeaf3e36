import { keyOnlyProvider } from './key-only.ts';

/** A user's long-lived key: for cloud sessions, and as it is for programs that are started as the identity. */
export const awsKey = {
  ...keyOnlyProvider({
    id: 'aws-key',
    name: 'AWS access key',
    vendor: 'Amazon',
    mark: 'Ak',
    aliases: ['aws-access-key', 'aws-iam'],
    apiKey: {
      variable: 'AWS_ACCESS_KEY_ID',
      split: { at: ':', variable: 'AWS_SECRET_ACCESS_KEY' },
      accepts: 'AKIA[A-Z2-7]{16}:[A-Za-z0-9/+]{40}',
      example: 'AKIA and 16 letters and digits, a colon, and the secret access key',
      check: {
        by: 'aws-sts',
        url: 'https://sts.us-east-1.amazonaws.com/',
        headers: { authorization: 'AWS4-HMAC-SHA256 Credential={key}' },
      },
    },
  }),
  environment: {
    set: {},
    unset: [
      'AWS_PROFILE',
      'AWS_DEFAULT_PROFILE',
      'AWS_SESSION_TOKEN',
      'AWS_WEB_IDENTITY_TOKEN_FILE',
      'AWS_ROLE_ARN',
      'AWS_CONTAINER_CREDENTIALS_FULL_URI',
      'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
    ],
  },
};
