import {
  type Comparison,
  DEFAULT_RULE,
  describeMetric,
  type PairComparison,
  type PairLabel,
  type RecommendRule,
} from '@touchstone/schemas';
import { describe, expect, test } from 'vitest';
import type { Candidate } from './decide.ts';
import { recommend } from './recommend.ts';

const model = (name: string, value: number | null, change: Partial<Candidate> = {}): Candidate => ({
  id: name,
  name,
  is_baseline: false,
  is_local: false,
  value,
  failed: 0,
  own_failures: { failed: 0, ran: 250 },
  latency_p95: null,
  cost: null,
  ended_early: null,
  ...change,
});
const baseline = (name: string, value: number) =>
  model(name, value, { is_baseline: true, is_local: true, cost: 0, latency_p95: 1 });

type Told = Partial<Omit<PairComparison, 'with_failures'>> & { with_failures?: PairLabel };
/** `a` against `b`; the interval is 0.02 to either side. */
function pair(a: string, b: string, difference: number, label: PairLabel | null, told: Told = {}): PairComparison {
  const { with_failures, ...change } = told;
  const interval = { low: difference - 0.02, high: difference + 0.02, level: 0.95, method: 'Student t' };
  return {
    metric: 'rougeL',
    family: 'primary',
    a,
    b,
    n: 250,
    difference,
    interval,
    interval_simultaneous: interval,
    bounds: { ...interval, low: difference - 0.015, high: difference + 0.015 },
    test: 'paired t',
    p: 0.01,
    p_adjusted: 0.02,
    p_equivalent: 0.5,
    effect_size: 0.2,
    wins: 130,
    ties: 20,
    losses: 100,
    label,
    detectable: 0.03,
    spread: 0.17,
    with_failures: with_failures ? { n: 260, difference: 0, p_adjusted: 0.01, label: with_failures } : null,
    ...change,
  };
}

function situation(candidates: Candidate[], pairs: PairComparison[], change: Partial<Comparison> = {}) {
  const comparison: Comparison = {
    rows: 250,
    primary_metric: 'rougeL',
    metrics: [],
    workflows: candidates.map(({ id }) => ({ workflow_id: id, failed: 0 })),
    pairs,
    ...change,
  };
  return {
    metric: describeMetric({ type: 'rougeL', name: 'rougeL' }),
    candidates,
    comparison: pairs.length > 0 ? comparison : null,
  };
}

const say = (candidates: Candidate[], pairs: PairComparison[], rule: Partial<RecommendRule> = {}, change = {}) =>
  recommend(situation(candidates, pairs, change), { ...DEFAULT_RULE, ...rule });

describe('one model', () => {
  test('is all there is', () => {
    expect(say([model('a', 0.3)], [])).toMatchObject({
      outcome: 'only_one',
      workflow_id: 'a',
      runner_up_id: null,
      text: 'Only "a" was scored (ROUGE-L 0.3): there is nothing to compare it with.',
    });
  });
  test('is left of two, where the other has no score', () => {
    expect(say([model('a', 0.3), model('b', null)], []).outcome).toBe('only_one');
  });
  test('is left by the limits, and the text says so', () => {
    const said = say([model('a', 0.3, { failed: 0.2 }), model('b', 0.2)], [pair('a', 'b', 0.1, 'better')], {
      max_failed: 0.1,
    });
    expect(said).toMatchObject({ outcome: 'only_one', workflow_id: 'b' });
    expect(said.text).toBe('"b" is the only model within the limits of the rule: ROUGE-L 0.2.');
    expect(said.evidence).toEqual(['"a" is left out: 20 % of its rows failed, at most 10 % are allowed.']);
  });
});

describe('nothing', () => {
  test('where nothing was scored', () => {
    expect(say([model('a', null), model('b', null)], [])).toMatchObject({ outcome: 'none', workflow_id: null });
  });
  test('where the metric has no better end', () => {
    const { comparison, candidates } = situation([model('a', 30), model('b', 20)], [pair('a', 'b', 10, null)]);
    const said = recommend(
      { metric: describeMetric({ type: 'length_words', name: 'length_words' }), candidates, comparison },
      DEFAULT_RULE,
    );
    expect(said.outcome).toBe('none');
    expect(said.text).toMatch(/longer, not which is better/);
  });
  test.each([
    [{ max_latency_p95: 100 }, /its latency is not known/],
    [{ max_cost: 0.01 }, /its cost is not known/],
    [{ max_failed: 0.01 }, /5 % of its rows failed/],
  ])('where no model keeps to %j', (rule, why) => {
    const said = say(
      [model('a', 0.3, { failed: 0.05 }), model('b', 0.2, { failed: 0.05 })],
      [pair('a', 'b', 0.1, 'better')],
      rule,
    );
    expect(said.outcome).toBe('none');
    expect(said.evidence[0]).toMatch(why);
  });
});

describe('a winner', () => {
  test('is better than every other, and is said with the numbers', () => {
    const said = say([model('a', 0.3), model('b', 0.21)], [pair('a', 'b', 0.09, 'better')]);
    expect(said).toMatchObject({ outcome: 'winner', workflow_id: 'a', runner_up_id: 'b' });
    expect(said.text).toBe(
      'Use "a": it is better than every other model on ROUGE-L. 0.3 against 0.21 of "b", the next best: the difference is 0.09 (0.07 to 0.11).',
    );
    expect(said.evidence).toEqual([
      'ROUGE-L of "a" 0.3, of "b" 0.21; difference 0.09 (0.07 to 0.11), adjusted p 0.02, paired t on 250 rows; 130 rows won, 20 equal, 100 lost: better than "b".',
      'One pair was tested; intervals are 95 %.',
    ]);
  });
  test('says which models ended early, and that pairs are of the rows that both answered', () => {
    const said = say(
      [
        model('a', 0.3, { ended_early: { ran: 120, total: 250 } }),
        model('b', 0.21, { ended_early: { ran: 90, total: 250 } }),
        model('c', 0.2),
      ],
      [pair('a', 'b', 0.09, 'better', { n: 90 }), pair('a', 'c', 0.1, 'better'), pair('b', 'c', 0.01, 'no_difference')],
    );
    expect(said.text).toMatch(
      /^"a" with 120 of 250 answers and "b" with 90 of 250 answers ended early: models are compared on the rows that both answered. Use "a"/,
    );
  });
  test('is found whichever way round the pair is', () => {
    const said = say([model('b', 0.21), model('a', 0.3)], [pair('b', 'a', -0.09, 'worse')]);
    expect(said).toMatchObject({ outcome: 'winner', workflow_id: 'a' });
    expect(said.evidence[0]).toMatch(
      /difference 0.09 \(0.07 to 0.11\).* 100 rows won, 20 equal, 130 lost: better than "b"/,
    );
  });
  test('is the lowest where lower is better', () => {
    const pairs = [pair('a', 'b', 9, 'worse', { metric: 'ter' })];
    const { comparison, candidates } = situation([model('a', 60), model('b', 51)], pairs);
    expect(
      recommend({ metric: describeMetric({ type: 'ter', name: 'ter' }), candidates, comparison }, DEFAULT_RULE)
        .workflow_id,
    ).toBe('b');
  });
  test('that costs more says what a cheaper one would lose', () => {
    const said = say([model('a', 0.3, { cost: 6 }), model('b', 0.21, { cost: 1.5 })], [pair('a', 'b', 0.09, 'better')]);
    expect(said.would_change).toEqual([
      'If a loss of up to 0.11 in ROUGE-L is acceptable, "b" costs $1.50 instead of $6.00 per 1,000 rows.',
    ]);
  });
  test('without a common row is not claimed to be better', () => {
    const none = { n: 0, difference: null, interval_simultaneous: null, p_adjusted: null };
    const said = say([model('a', 0.3), model('b', 0.21)], [pair('a', 'b', 0, null, none)]);
    expect(said.text).toMatch(/cannot be compared row by row/);
    expect(said.evidence[0]).toMatch(/no row has a score of both/);
  });
});

describe('a tie', () => {
  const tie = [pair('a', 'b', 0.005, 'no_difference')];
  test('is decided by cost', () => {
    const said = say([model('a', 0.3, { cost: 5 }), model('b', 0.295, { cost: 0.4 })], tie);
    expect(said).toMatchObject({ outcome: 'tie', workflow_id: 'b', runner_up_id: 'a' });
    expect(said.text).toBe(
      'No difference shown between "b" and "a" on ROUGE-L on 250 rows. Use "b", the cheaper: $0.4 against $5.00 per 1,000 rows. It may still be worse than "a", which has the best value, by up to 0.025.',
    );
    expect(said.would_change).toEqual([
      '2,000 more rows would be needed to show a difference of 0.01 (with a probability of 80 %); 250 rows show one of 0.03.',
    ]);
  });
  test('is decided by latency where no cost is known, or where the person wants it', () => {
    const fast = say([model('a', 0.3, { latency_p95: 900 }), model('b', 0.29, { latency_p95: 2500 })], tie);
    expect(fast.text).toMatch(/Use "a", the faster: 95 % of rows within 900 ms against 2.5 s\.$/);
    const candidates = [
      model('a', 0.3, { cost: 1, latency_p95: 900 }),
      model('b', 0.29, { cost: 2, latency_p95: 500 }),
    ];
    expect(say(candidates, tie).workflow_id).toBe('a');
    expect(say(candidates, tie, { prefer: 'fastest' }).workflow_id).toBe('b');
  });
  test('with a cost that is not known goes to the known one', () => {
    const said = say([model('a', 0.3), model('b', 0.295, { cost: 0.4 })], tie);
    expect(said.text).toMatch(
      /Use "b": it costs \$0.4 per 1,000 rows, and the cost of "a" is not known\. It may still be worse/,
    );
  });
  test('that nothing decides goes to the better value', () => {
    const said = say([model('b', 0.295), model('a', 0.3)], [pair('b', 'a', -0.005, 'no_difference')]);
    expect(said.workflow_id).toBe('a');
    expect(said.text).toMatch(/cost and latency do not decide\.$/);
  });
  test('of equivalent models says so, and asks for no more rows', () => {
    const said = say([model('a', 0.3), model('b', 0.299)], [pair('a', 'b', 0.001, 'equivalent')]);
    expect(said.text).toMatch(/^"a" and "b" are equivalent on ROUGE-L/);
    expect(said.would_change).toEqual([]);
  });
  test('on few rows says that they are few', () => {
    const said = say(
      [model('a', 0.3), model('b', 0.2)],
      [pair('a', 'b', 0.1, 'no_difference', { n: 12, detectable: 0.2 })],
    );
    expect(said.text).toMatch(/on 12 rows, which are too few to tell much\./);
  });
  test('with enough rows says that a difference would have been found', () => {
    const said = say(
      [model('a', 0.3), model('b', 0.299)],
      [pair('a', 'b', 0.001, 'no_difference', { detectable: 0.008 })],
    );
    expect(said.would_change[0]).toMatch(/^250 rows would have shown a difference of 0.01/);
  });
  test('takes in what is worse by less than the delta of the rule', () => {
    const pairs = [pair('a', 'b', 0.03, 'better')];
    const candidates = [model('a', 0.3, { cost: 5 }), model('b', 0.27, { cost: 1 })];
    expect(say(candidates, pairs).workflow_id).toBe('a');
    expect(say(candidates, pairs, { delta: 0.04 }).workflow_id).toBe('a');
    const said = say(candidates, pairs, { delta: 0.06 });
    expect(said.workflow_id).toBe('b');
    expect(said.text).toMatch(/within 0.06 of each other on ROUGE-L, which the rule takes as good enough/);
  });
  test('leaves out what is worse', () => {
    const pairs = [...tie, pair('a', 'c', 0.2, 'better'), pair('b', 'c', 0.19, 'better')];
    const said = say([model('a', 0.3), model('b', 0.295), model('c', 0.1, { cost: 0.001 })], pairs);
    expect(said).toMatchObject({ outcome: 'tie', workflow_id: 'a', runner_up_id: 'b' });
    expect(said.evidence).toHaveLength(3);
    expect(said.evidence.at(-1)).toMatch(/^3 pairs were tested together/);
  });
});

describe('a baseline', () => {
  test('is not recommended where a model beats it, though nothing is cheaper', () => {
    const pairs = [
      pair('a', 'b', 0.01, 'no_difference'),
      pair('a', 'lead', 0.05, 'better'),
      pair('b', 'lead', 0.04, 'no_difference'),
    ];
    const said = say([model('a', 0.3, { cost: 2 }), model('b', 0.29, { cost: 1 }), baseline('lead', 0.25)], pairs);
    expect(said.workflow_id).toBe('b');
  });
  test('is recommended where no model is shown to beat it', () => {
    const said = say(
      [model('a', 0.3, { cost: 2 }), baseline('lead', 0.29)],
      [pair('a', 'lead', 0.01, 'no_difference')],
    );
    expect(said.workflow_id).toBe('lead');
    expect(said.text).toMatch(
      /Use "lead", a baseline that no model was shown to beat, the cheaper: \$0 against \$2.00/,
    );
  });
  test('that is better than every model is said to be one', () => {
    const said = say([model('a', 0.2), baseline('lead', 0.29)], [pair('a', 'lead', -0.09, 'worse')]);
    expect(said.text).toMatch(/^Use "lead", a baseline that no model beats: it is better/);
  });
  test('among baselines is one like any other', () => {
    const said = say([baseline('lead', 0.3), baseline('copy', 0.2)], [pair('lead', 'copy', 0.1, 'better')]);
    expect(said).toMatchObject({ outcome: 'winner', workflow_id: 'lead' });
  });
});

describe('rows that a model failed by its own fault', () => {
  const failing = (name: string, value: number, failed: number) =>
    model(name, value, { own_failures: { failed, ran: 250 } });
  test('are said first where there are many, whichever model it is', () => {
    const tested = [pair('a', 'b', 0.1, 'better', { with_failures: 'better' })];
    expect(say([failing('a', 0.3, 20), failing('b', 0.2, 5)], tested).text).toMatch(
      /^"a" failed 20 of 250 rows itself \(8 %\); they are not in its score\. Use "a"/,
    );
    expect(say([failing('a', 0.3, 0), failing('b', 0.2, 50)], tested).text).toMatch(/^"b" failed 50 of 250 rows/);
  });
  test('are said where only one model is left', () => {
    expect(say([failing('a', 0.3, 20)], []).text).toMatch(/^"a" failed 20 of 250 rows itself/);
  });
  test('are said where they change the verdict on any pair of the model, however few', () => {
    const said = say(
      [model('a', 0.3), model('b', 0.2), model('c', 0.1)],
      [
        pair('a', 'b', 0.1, 'better'),
        pair('c', 'a', -0.2, 'worse', { with_failures: 'no_difference' }),
        pair('b', 'c', 0.1, 'better'),
      ],
    );
    expect(said.text).toMatch(
      /^Failed rows change the verdict: counted as the worst, they make "a" not shown to differ from "c"\. Use "a"/,
    );
  });
});

describe('not worse by delta', () => {
  const rule = { rule: 'not_worse_by_delta', delta: 0.02 } as const;
  const candidates = [model('a', 0.3, { cost: 5 }), model('b', 0.297, { cost: 1 }), model('c', 0.28, { cost: 0.1 })];
  const pairs = [
    pair('a', 'b', 0.003, 'no_difference'),
    pair('a', 'c', 0.02, 'no_difference'),
    pair('b', 'c', 0.017, 'no_difference'),
  ];
  test('takes in only what is shown to lose less, by the one-sided bound', () => {
    // 0.003 + 0.015 < 0.02, where the two-sided interval ends at 0.023.
    const said = say(candidates, pairs, rule);
    expect(said).toMatchObject({ workflow_id: 'b', outcome: 'tie' });
    expect(said.text).toMatch(
      /^"b" loses less than 0.02 of ROUGE-L against "a", which has the best value, on 250 rows\. Use "b"/,
    );
    expect(said.rule).toMatch(/^Best on ROUGE-L; of those that are shown to lose less than 0.02, the cheapest/);
  });
  test('is never shown by a lack of evidence', () => {
    const said = say(candidates, pairs, { rule: 'not_worse_by_delta', delta: 0.001 });
    expect(said).toMatchObject({ workflow_id: 'a', outcome: 'winner' });
    expect(said.text).toBe(
      'Use "a": it has the best value, ROUGE-L 0.3 against 0.297 of "b", and no other model was shown to lose less than 0.001.',
    );
  });
});

test('models that do not run here are left out where the rule asks for local ones', () => {
  const said = say([model('a', 0.3), model('b', 0.2, { is_local: true })], [pair('a', 'b', 0.1, 'better')], {
    local_only: true,
  });
  expect(said).toMatchObject({ outcome: 'only_one', workflow_id: 'b' });
  expect(said.evidence).toEqual(['"a" is left out: it does not run here.']);
  expect(said.rule).toMatch(/Of models with no call to anybody else\.$/);
});

test('the rule is said in words', () => {
  expect(say([model('a', 0.3)], [], { max_failed: 0.05, max_latency_p95: 2000, max_cost: 1, delta: 0.02 }).rule).toBe(
    'Best on ROUGE-L; of those that are not shown to be worse or are worse by less than 0.02, the cheapest, then the fastest. A baseline only where no model beats it. Of models with at most 5 % of rows failed, 95 % of rows within 2 s and at most $1.00 per 1,000 rows.',
  );
});
