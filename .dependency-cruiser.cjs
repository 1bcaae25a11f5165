// The import rules of the house; biome repeats the ones about packages, so that an editor shows them.
const only = (name, from, to, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: from },
  to: { path: to },
})

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-unresolved',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^electron$' },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      comment: 'A module that nothing imports is dead.',
      from: { orphan: true, pathNot: ['\\.d\\.ts$', '^renderer/index\\.tsx$', '\\.css$'] },
      to: {},
    },
    {
      name: 'shared-is-zod-and-itself',
      severity: 'error',
      from: { path: '^shared/' },
      to: { pathNot: ['^shared/', '^node_modules/zod/'] },
    },
    only('main-never-renderer', '^main/', '^renderer/', 'main reaches the renderer by IPC.'),
    only(
      'renderer-never-main',
      '^renderer/',
      ['^main/', '^node_modules/electron', '^electron'],
      'by IPC only.',
    ),
    {
      name: 'renderer-never-node',
      severity: 'error',
      from: { path: '^renderer/' },
      to: { dependencyTypes: ['core'] },
    },
    only('destinations-know-neither-sync-nor-ledger', '^main/destinations/', '^main/(sync|ledger)/'),
    only('sync-never-electron', '^main/(sync|ledger|destinations|practice-server)/', [
      '^electron$',
      'node_modules/electron',
    ]),
    {
      name: 'only-outbox-touches-dexie',
      severity: 'error',
      from: { path: '^renderer/', pathNot: '^renderer/outbox/' },
      to: { path: 'node_modules/dexie/' },
    },
    {
      name: 'preload-takes-types-only',
      severity: 'error',
      from: { path: '^main/preload\\.ts$' },
      to: { path: '^(main|shared)/', dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
}
