'use client';

import { Plus } from 'lucide-react';
import { useState } from 'react';
import { Button } from '@/components/button.tsx';
import { PageHeader } from '@/components/page-header.tsx';
import { Tabs, useTab } from '@/components/tabs.tsx';
import { Catalogue } from './catalogue.tsx';
import { EndpointForm } from './endpoint-form.tsx';
import { Endpoints } from './endpoints.tsx';
import { Prices } from './prices.tsx';

const TABS = [
  { value: 'catalogue', label: 'Catalogue' },
  { value: 'endpoints', label: 'Endpoints' },
  { value: 'prices', label: 'Prices' },
] as const;

export default function ModelsPage() {
  const tab = useTab(['catalogue', 'endpoints', 'prices']);
  const [isAdding, setIsAdding] = useState(false);
  return (
    <>
      <PageHeader
        title="Models"
        actions={
          <Button variant="primary" icon={<Plus aria-hidden />} onClick={() => setIsAdding(true)}>
            Add endpoint
          </Button>
        }
      />
      <Tabs label="Models" tabs={TABS} current={tab} />
      <div className="pt-4">
        {tab === 'catalogue' && <Catalogue />}
        {tab === 'endpoints' && <Endpoints onAdd={() => setIsAdding(true)} />}
        {tab === 'prices' && <Prices />}
      </div>
      {isAdding && <EndpointForm onClose={() => setIsAdding(false)} />}
    </>
  );
}
