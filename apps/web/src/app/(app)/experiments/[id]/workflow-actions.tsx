'use client';

import type { Workflow } from '@touchstone/schemas';
import { DatabaseZap, Ellipsis } from 'lucide-react';
import { useState } from 'react';
import { IconButton } from '@/components/button.tsx';
import { Menu } from '@/components/menu.tsx';
import { SavePredictionsDialog } from '../../datasets/save-predictions.tsx';
import { isUnderWay } from './findings.ts';

/** What can be done with one workflow that is over. */
export function WorkflowActions({ workflow, experiment }: { workflow: Workflow; experiment: string }) {
  const [saving, setSaving] = useState(false);
  if (isUnderWay(workflow.status) || workflow.rows.answered === 0) return null;
  return (
    <>
      <Menu
        trigger={<IconButton label={`Actions for ${workflow.name}`} icon={<Ellipsis aria-hidden />} />}
        items={[
          {
            label: 'Save predictions as dataset',
            icon: <DatabaseZap aria-hidden />,
            onSelect: () => setSaving(true),
          },
        ]}
      />
      <SavePredictionsDialog workflow={workflow} experiment={experiment} open={saving} onOpenChange={setSaving} />
    </>
  );
}
