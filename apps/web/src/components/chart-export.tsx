'use client';

import { Download } from 'lucide-react';
import type { RefObject } from 'react';
import { Button } from './button.tsx';
import { Menu } from './menu.tsx';
import { toast } from './toast.tsx';

/** What of the page's style a picture needs to look the same elsewhere. */
const PAINT = ['font-family', 'font-size', 'font-weight', 'opacity'] as const;

/** Pixels of a PNG for one of the screen: sharp on paper. */
const SCALE = 2;
const MARGIN = 16;

type ChartExportProps = {
  chart: RefObject<SVGSVGElement | null> /** Of the file, without its ending. */;
  name: string;
};

/** Saves a chart as it is on the screen, as SVG or PNG. */
export function ChartExport({ chart, name }: ChartExportProps) {
  const save = (ending: 'svg' | 'png') => async () => {
    const picture = chart.current && standAlone(chart.current);
    if (!picture) return;
    try {
      const svg = new Blob([picture.text], { type: 'image/svg+xml' });
      download(
        ending === 'svg' ? svg : await toPng(svg, picture),
        `${name.replaceAll(/[^\p{L}\p{N} ,._-]+/gu, '-')}.${ending}`,
      );
    } catch {
      toast.error(`The chart could not be saved as ${ending.toUpperCase()} by this browser.`);
    }
  };
  return (
    <Menu
      trigger={
        <Button variant="ghost" icon={<Download aria-hidden />}>
          Save chart
        </Button>
      }
      items={[
        { label: 'As SVG', onSelect: save('svg') },
        { label: 'As PNG', onSelect: save('png') },
      ]}
    />
  );
}

type Picture = { text: string; width: number; height: number };

/** The chart with its colours and fonts written into it, on the page's background, with a margin. */
function standAlone(chart: SVGSVGElement): Picture {
  const copy = chart.cloneNode(true) as SVGSVGElement;
  const originals = [chart, ...chart.querySelectorAll('*')];
  for (const [index, element] of [copy, ...copy.querySelectorAll('*')].entries()) {
    const style = getComputedStyle(originals[index]!);
    for (const property of PAINT) element.setAttribute(property, style.getPropertyValue(property));
    for (const property of ['fill', 'stroke'] as const) element.setAttribute(property, toHex(style[property]));
    element.removeAttribute('class');
  }
  const { width, height } = chart.viewBox.baseVal;
  const size = { width: width + 2 * MARGIN, height: height + 2 * MARGIN };
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('viewBox', `${-MARGIN} ${-MARGIN} ${size.width} ${size.height}`);
  copy.setAttribute('width', String(size.width));
  copy.setAttribute('height', String(size.height));
  const ground = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  const place = {
    x: -MARGIN,
    y: -MARGIN,
    ...size,
    fill: toHex(getComputedStyle(document.documentElement).backgroundColor),
  };
  for (const [key, value] of Object.entries(place)) ground.setAttribute(key, String(value));
  copy.prepend(ground);
  return { text: new XMLSerializer().serializeToString(copy), ...size };
}

/** A mixed colour as other programs know colours: `#1f6fa0`. */
function toHex(color: string): string {
  if (color === 'none') return color;
  const canvas = new OffscreenCanvas(1, 1);
  const context = canvas.getContext('2d')!;
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  const [red, green, blue] = context.getImageData(0, 0, 1, 1).data;
  return `#${[red, green, blue].map((part) => part!.toString(16).padStart(2, '0')).join('')}`;
}

async function toPng(svg: Blob, { width, height }: Picture): Promise<Blob> {
  const url = URL.createObjectURL(svg);
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = width * SCALE;
    canvas.height = height * SCALE;
    canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise<Blob>((resolve, reject) => {
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('No picture.'))), 'image/png');
    });
  } finally {
    URL.revokeObjectURL(url);
  }
}

function download(blob: Blob, filename: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = filename;
  link.click();
  URL.revokeObjectURL(url);
}
