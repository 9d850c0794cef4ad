export { benchSoak } from './soak.ts';
