'use client';

import type { Experiment, Workflow } from '@touchstone/schemas';
import { DatabaseZap, Ellipsis, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { IconButton } from '@/components/button.tsx';
import { Menu } from '@/components/menu.tsx';
import { SavePredictionsDialog } from '../../datasets/save-predictions.tsx';
import { isUnderWay } from './findings.ts';
import { RemoveWorkflow } from './remove-workflow.tsx';

/** What can be done with one workflow. */
export function WorkflowActions({ workflow, experiment }: { workflow: Workflow; experiment: Experiment }) {
  const [shown, setShown] = useState<'save' | 'remove' | null>(null);
  const canSave = !isUnderWay(workflow.status) && workflow.rows.answered > 0;
  const canRemove = experiment.workflows.length > 1;
  if (!canSave && !canRemove) return null;
  const showWhile = (which: typeof shown) => ({
    open: shown === which,
    onOpenChange: (open: boolean) => setShown(open ? which : null),
  });
  const save = { label: 'Save predictions as dataset', icon: <DatabaseZap aria-hidden /> };
  const remove = { label: 'Remove model', icon: <Trash2 aria-hidden /> };
  return (
    <>
      <Menu
        trigger={<IconButton label={`Actions for ${workflow.name}`} icon={<Ellipsis aria-hidden />} />}
        items={[
          ...(canSave ? [{ ...save, onSelect: () => setShown('save') }] : []),
          ...(canRemove ? [{ ...remove, onSelect: () => setShown('remove') }] : []),
        ]}
      />
      <SavePredictionsDialog workflow={workflow} experiment={experiment.name} {...showWhile('save')} />
      <RemoveWorkflow workflow={workflow} experiment={experiment} {...showWhile('remove')} />
    </>
  );
}
