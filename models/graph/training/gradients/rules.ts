import type { OperatorName } from '../../shapes.ts';
import { ARRANGEMENT_RULES } from './arrangement.ts';
import { CONVOLUTION_RULES } from './convolution.ts';
import { ELEMENTWISE_RULES } from './elementwise.ts';
import { LINEAR_RULES } from './linear.ts';
import { POOLING_RULES } from './pooling.ts';
import type { OperatorRule } from './rule.ts';

/** The gradient of every operator that has one: comparisons and casts have none. */
export const RULES: Readonly<Partial<Record<OperatorName, OperatorRule>>> = {
  ...ELEMENTWISE_RULES,
  ...LINEAR_RULES,
  ...ARRANGEMENT_RULES,
  ...CONVOLUTION_RULES,
  ...POOLING_RULES,
};
