'use client';

import { RadioGroup } from '@/components/radio-group.tsx';
import { chooseTheme } from '@/lib/theme.ts';
import { useTheme } from '@/lib/use-theme.ts';
import { Section } from './section.tsx';

export function Appearance() {
  const theme = useTheme();
  return (
    <Section id="appearance" title="Appearance">
      <RadioGroup
        legend="Theme"
        hideLegend
        inline
        value={theme}
        onChange={chooseTheme}
        options={[
          { value: 'system', label: 'As the system' },
          { value: 'light', label: 'Light' },
          { value: 'dark', label: 'Dark' },
        ]}
      />
    </Section>
  );
}
