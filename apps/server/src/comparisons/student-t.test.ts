import { expect, test } from 'vitest';
import { tQuantile } from './student-t.ts';

// scipy 1.17: stats.t.ppf(p, df)
test.each([
  [0.975, 1, 12.706204736174694],
  [0.975, 9, 2.262157162798205],
  [0.8, 19, 0.8609505502689286],
  [0.9994444444444445, 9, 4.705767377790835],
  [0.975, 29, 2.045229642132703],
  [0.975, 99_999, 1.9599877077718442],
  [0.975, 1e9, 1.959963986912325],
])('the quantile %f with %d degrees of freedom is scipy’s', (p, df, expected) => {
  expect(tQuantile(p, df) / expected).toBeCloseTo(1, 5);
});
