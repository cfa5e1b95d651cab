/**
 * Is it right? Experiments whose truth is known (bench/truth.py), judged as the comparison job judges them and recommended as the server
 * does: how often intervals hold the true difference, labels are wrong, a difference worth acting on is found, and the recommended model
 * is the best or as good as the best. Alone: `node bench/truth.ts`; with `--full` ten times the experiments.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Candidate, decide } from '../apps/server/src/comparisons/decide.ts';
import { programOf } from '../packages/local-stack/src/index.ts';
import { type Comparison, DEFAULT_RULE, describeMetric, type PairComparison } from '../packages/schemas/src/index.ts';
import { printColumns } from './report.ts';

const RUNS = process.argv.includes('--full') ? 1000 : 100;
const SEED = 7;
const LEVEL = 0.95;

type Ends = [number, number] | null;
type Pair = Pick<PairComparison, 'n' | 'difference' | 'label' | 'p_adjusted' | 'detectable'> & {
  a: number;
  b: number;
  truth: number;
  interval: Ends;
  simultaneous: Ends;
};
type Experiment = {
  shape: string;
  delta: number;
  rows: number;
  models: number;
  what: 'equal' | 'one better by delta' | 'mixed';
  values: number[];
  truth: number[];
  pairs: Pair[];
};

async function* experiments(): AsyncGenerator<Experiment> {
  const here = import.meta.dirname;
  const python = spawn(programOf('jobs', 'python'), [join(here, 'truth.py'), String(RUNS), String(SEED)], {
    env: { ...process.env, PYTHONPATH: join(here, '..', 'jobs', 'src'), OMP_NUM_THREADS: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: python.stdout })) yield JSON.parse(line) as Experiment;
  if (python.exitCode) throw new Error(`truth.py ended with exit code ${python.exitCode}.`);
}

/** How often something was so. */
class Share {
  hits = 0;
  of = 0;
  add(hit: boolean): void {
    this.hits += hit ? 1 : 0;
    this.of += 1;
  }
  toString(): string {
    return this.of === 0 ? '' : `${((100 * this.hits) / this.of).toFixed(1)} %`;
  }
}

const holds = (ends: Ends, truth: number) => ends !== null && ends[0] <= truth && truth <= ends[1];

/** A label that says what is not so. Means are known to a hundredth of delta; true differences are 0 or at least half of delta. */
function isWrong({ label, truth }: Pair, delta: number): boolean {
  const rounding = delta / 20;
  if (label === 'better') return truth <= rounding;
  if (label === 'worse') return truth >= -rounding;
  return label === 'equivalent' && Math.abs(truth) > delta + rounding;
}

/** Costs are known and differ, so that the rule of the cheaper one has something to choose. */
function recommended({ values, pairs, rows }: Experiment, isByCost: boolean): number {
  const candidates: Candidate[] = values.map((value, place) => ({
    id: String(place),
    name: String(place),
    is_baseline: false,
    is_local: false,
    value,
    failed: 0,
    own_failures: { failed: 0, ran: rows },
    latency_p95: null,
    ended_early: null,
    cost: isByCost ? 1 + ((place * 5) % 8) : null,
  }));
  const comparison: Comparison = {
    rows,
    primary_metric: 'rougeL',
    metrics: [],
    workflows: candidates.map(({ id }) => ({ workflow_id: id, failed: 0 })),
    pairs: pairs.map(({ a, b, n, difference, label, p_adjusted, detectable, simultaneous }) => ({
      metric: 'rougeL',
      family: 'primary',
      a: String(a),
      b: String(b),
      n,
      difference,
      interval: null,
      interval_simultaneous: simultaneous && { low: simultaneous[0], high: simultaneous[1], level: LEVEL, method: '' },
      bounds: null,
      test: null,
      p: null,
      p_adjusted,
      p_equivalent: null,
      effect_size: null,
      wins: null,
      ties: null,
      losses: null,
      label,
      detectable,
      spread: null,
      with_failures: null,
    })),
  };
  const decision = decide(
    { metric: describeMetric({ type: 'rougeL', name: 'rougeL' }), candidates, comparison },
    DEFAULT_RULE,
  );
  if (decision.outcome === 'none') throw new Error('Nothing was recommended.');
  return Number(decision.candidate.id);
}

class Tally {
  coverage = new Share();
  simultaneous = new Share();
  wrong = { 2: new Share(), 4: new Share(), 8: new Share() } as Record<number, Share>;
  wrong_otherwise = new Share();
  power = new Share();
  best_value = new Share();
  cheapest = new Share();

  add(experiment: Experiment): void {
    const { what, models, pairs, delta, truth } = experiment;
    for (const pair of pairs) this.coverage.add(holds(pair.interval, pair.truth));
    this.simultaneous.add(pairs.every((pair) => holds(pair.simultaneous, pair.truth)));
    const isAnyWrong = pairs.some((pair) => isWrong(pair, delta));
    if (what === 'equal') this.wrong[models]!.add(isAnyWrong);
    else this.wrong_otherwise.add(isAnyWrong);
    if (what === 'one better by delta' && models === 2) this.power.add(pairs[0]!.label === 'better');
    if (what !== 'mixed') return;
    const best = Math.max(...truth);
    this.best_value.add(truth[recommended(experiment, false)]! >= best - delta);
    this.cheapest.add(truth[recommended(experiment, true)]! >= best - delta);
  }

  cells(): string[] {
    const { coverage, simultaneous, wrong, wrong_otherwise, power, best_value, cheapest } = this;
    return [coverage, simultaneous, wrong[2], wrong[4], wrong[8], wrong_otherwise, power, best_value, cheapest].map(
      String,
    );
  }
}

const tallies = new Map<string, Tally>();
const of = (key: string) => {
  const found = tallies.get(key) ?? new Tally();
  tallies.set(key, found);
  return found;
};
for await (const experiment of experiments()) {
  of(`${experiment.shape}|${experiment.rows}`).add(experiment);
  of(`all|${experiment.rows}`).add(experiment);
}
const heads = ['95 %', 'all at once', 'equal, 2', 'of 4', 'of 8', 'different', 'found', 'best', 'cheapest'];
printColumns(
  [['scores', 'rows', ...heads], ...[...tallies].map(([key, tally]) => [...key.split('|'), ...tally.cells()])],
  [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
);
console.log(`
95 %, all at once: how often an interval holds the true difference, and how often all of an experiment do (aim: 95 %, at least 95 %).
equal, of 2, 4 and 8 models that are equally good: experiments with any wrong label; different: the same where one is better by delta or
  all differ (aim: at most 5 %).
found: of two models of which one is better by delta, how often it is called better (what so many rows can).
best, cheapest: how often the recommended model is the best or less than delta worse, where cost is not known, and where the cheapest of
  those not distinguishable is taken.
${RUNS} experiments of each kind; a share of 5 % of ${RUNS * 6} is known to ±${(196 * Math.sqrt((0.05 * 0.95) / (RUNS * 6))).toFixed(1)} %.`);
