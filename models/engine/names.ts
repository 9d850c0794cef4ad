/** What a person can ask for with `--engine`. In a file of its own, for a command line that has loaded no engine yet. */
export const ENGINE_NAMES = ['auto', 'cpu', 'webgpu', 'cuda', 'coreml', 'dml', 'tensorflow'] as const;
