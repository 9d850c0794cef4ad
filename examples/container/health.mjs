// Ends with 0 while the show on this machine is well, as HEALTHCHECK wants it.
const { PORT = '8090' } = process.env;
const answer = await fetch(`http://127.0.0.1:${PORT}/healthz`, { signal: AbortSignal.timeout(2000) });
process.exitCode = answer.ok && (await answer.json()).ok ? 0 : 1;
