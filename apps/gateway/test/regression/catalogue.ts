/** How many cases each part of the catalogue of known failures has: gateways, SDKs, servers, incidents, boxes, and others. */
export const counts = { GW: 43, SDK: 14, SRV: 21, INC: 8, BOX: 14, CHK: 22 } as const;

/** Cases that nothing keeps yet, with where their home will be. */
export const open: Readonly<Record<string, string>> = {
  'GW-11': 'configuration of several tenants: there is one operator and one file, so nothing can refer across',
  'GW-43': 'pages where clients sign in with this server; it issues no codes yet',
  'SRV-13': 'vault: a credential of each caller towards servers; today a server has the one of its own entry',
  'SRV-19': 'guard: approval bound to the hash of a definition (a box is approved by content already: R-32)',
  'SRV-20': 'guard: flow of untrusted data into tools that post',
  'SRV-21': 'guard: links and images in results',
  'INC-02': 'guard: flow of untrusted data (rules and conditions of one call are there)',
  'INC-03': 'vault: credentials of each caller towards servers',
  'INC-04': 'guard: pinned and scanned descriptions (hidden characters are reported already)',
  'INC-07': 'auth: the article is to be walked through point by point',
  'CHK-21': 'vault: refresh of tokens towards servers',
};
