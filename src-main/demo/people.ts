/** Who can sign in at the demo service. `.test` is reserved (RFC 2606): nobody's real address. */
export interface DemoPerson {
  id: string;
  name: string;
  email: string;
  organisationId: string;
  organisation: string;
  plan: string;
}

export const demoPeople: readonly DemoPerson[] = [
  {
    id: 'demo-ada',
    name: 'Ada',
    email: 'ada@demo.lanyard.test',
    organisationId: 'demo-engines',
    organisation: 'Analytical Engines',
    plan: 'pro',
  },
  {
    id: 'demo-grace',
    name: 'Grace',
    email: 'grace@demo.lanyard.test',
    organisationId: 'demo-compilers',
    organisation: 'Compilers & Co',
    plan: 'team',
  },
];
