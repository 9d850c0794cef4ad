/** The engines that a person can choose. In a file of its own, so that a command line needs to load no engine. */
export const ENGINE_NAMES = ['auto', 'cpu', 'webgpu', 'cuda', 'coreml', 'dml', 'tensorflow'] as const;
