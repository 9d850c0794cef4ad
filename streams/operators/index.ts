export { newestWins, type Newest } from './newest-wins.ts';
