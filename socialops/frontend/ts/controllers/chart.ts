import { BarChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import type { EChartsCoreOption } from "echarts/core";
import type { Controller } from "../registry";

echarts.use([LineChart, BarChart, GridComponent, TooltipComponent, MarkLineComponent, AriaComponent, CanvasRenderer]);

interface Payload {
  kind: "line" | "bar" | "stacked" | "ranking";
  x: string[];
  unit: string;
  decimals: number;
  locale: string;
  series: { name: string; emphasis: boolean; values: (number | null)[] }[];
  marks: { x: number; text: string }[];
}

const RANKING_ROW_PX = 34;

/** Draws the JSON inside its element; the table below it says the same to everybody else. */
export const chart: Controller = (element, signal) => {
  const payload = JSON.parse(element.querySelector("script")?.textContent ?? "null") as Payload | null;
  if (!payload) return;
  if (payload.kind === "ranking") element.style.height = `${payload.x.length * RANKING_ROW_PX + 16}px`;
  const stage = document.createElement("div");
  stage.className = "chart-stage";
  element.append(stage);
  const drawing = echarts.init(stage, null, { renderer: "canvas" });
  const draw = (): void => drawing.setOption(options(payload, element), true);
  draw();
  const resize = new ResizeObserver(() => drawing.resize());
  resize.observe(element);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw, { signal });
  signal.addEventListener("abort", () => {
    resize.disconnect();
    drawing.dispose();
  });
};

/** Tokens as the page resolves them now, light or dark. */
function palette(element: HTMLElement) {
  const probe = document.createElement("i");
  element.append(probe);
  const read = (name: string): string => {
    probe.style.color = `var(--so-${name})`;
    return getComputedStyle(probe).color;
  };
  const colours = {
    accent: read("accent"),
    grey: read("chart-grey"),
    soft: read("chart-soft"),
    text: read("text"),
    muted: read("text-muted"),
    line: read("line"),
    sheet: read("raised"),
  };
  probe.remove();
  return colours;
}

function options(payload: Payload, element: HTMLElement): EChartsCoreOption {
  const c = palette(element);
  const missing = element.dataset["missing"] ?? "";
  const shown = formatter(payload, missing);
  const flat = payload.kind === "ranking";
  const font = getComputedStyle(element).fontFamily;
  const colours = [c.grey, c.soft];
  const labels = { color: c.muted, fontFamily: font, fontSize: 12 };
  const category = {
    type: "category",
    data: payload.x,
    inverse: flat,
    boundaryGap: payload.kind !== "line",
    axisTick: { show: false },
    axisLine: { show: !flat, lineStyle: { color: c.line } },
    axisLabel: { ...labels, hideOverlap: true, ...(flat ? { color: c.text, width: 140, overflow: "truncate" } : {}) },
  };
  const value = {
    type: "value",
    show: !flat,
    splitNumber: 4,
    splitLine: { lineStyle: { color: c.line } },
    axisLabel: { ...labels, formatter: (n: number) => shown(n) },
  };
  let greys = 0;
  return {
    animation: false,
    textStyle: { fontFamily: font },
    grid: { left: 4, right: flat ? 64 : payload.kind === "line" ? 88 : 12, top: payload.marks.length ? 28 : 12, bottom: 4, containLabel: true },
    tooltip: {
      trigger: "axis",
      renderMode: "richText", // the HTML one writes style attributes, which our policy forbids
      confine: true,
      backgroundColor: c.sheet,
      borderColor: c.line,
      textStyle: { color: c.text, fontFamily: font, fontSize: 13 },
      axisPointer: { type: payload.kind === "line" ? "line" : "shadow", lineStyle: { color: c.muted } },
      valueFormatter: (n: unknown) => shown(typeof n === "number" ? n : null),
    },
    xAxis: flat ? value : category,
    yAxis: flat ? category : value,
    series: payload.series.map((series, index) => {
      const colour = series.emphasis ? c.accent : (colours[greys++ % colours.length] ?? c.grey);
      const marks = index === 0 && payload.marks.length > 0 ? { markLine: markLine(payload, c, labels) } : {};
      if (payload.kind === "line") {
        return {
          type: "line",
          name: series.name,
          // a value between two gaps is no line: it shows as a dot
          data: series.values.map((value, at) => ({
            value,
            symbol: value !== null && series.values[at - 1] == null && series.values[at + 1] == null ? "circle" : "none",
          })),
          color: colour,
          z: series.emphasis ? 3 : 2,
          symbolSize: 5,
          showSymbol: true,
          showAllSymbol: true,
          connectNulls: false,
          lineStyle: { width: series.emphasis ? 2.25 : 1.5 },
          endLabel: { show: payload.series.length > 1, formatter: series.name, color: series.emphasis ? c.accent : c.muted, fontFamily: font, fontSize: 12, width: 80, overflow: "truncate" },
          labelLayout: { moveOverlap: "shiftY" },
          ...marks,
        };
      }
      return {
        type: "bar",
        name: series.name,
        data: series.values,
        color: colour,
        barMaxWidth: flat ? 14 : 28,
        ...(payload.kind === "stacked" ? { stack: "all" } : {}),
        itemStyle: { borderRadius: flat ? [0, 3, 3, 0] : payload.kind === "stacked" ? 0 : [3, 3, 0, 0] },
        ...(flat ? { label: { show: true, position: "right", color: c.text, fontFamily: font, fontSize: 12, formatter: (p: { value: unknown }) => shown(typeof p.value === "number" ? p.value : null) } } : {}),
        ...marks,
      };
    }),
  };
}

function markLine(payload: Payload, c: ReturnType<typeof palette>, labels: object): object {
  return {
    symbol: "none",
    silent: true,
    lineStyle: { color: c.muted, type: [3, 3], width: 1 },
    data: payload.marks.map((mark) => ({ xAxis: mark.x, label: { ...labels, formatter: mark.text, position: "end" } })),
  };
}

function formatter(payload: Payload, missing: string): (n: number | null) => string {
  const numbers = new Intl.NumberFormat(payload.locale, {
    maximumFractionDigits: payload.unit === "%" ? Math.max(payload.decimals, 1) : payload.decimals,
    ...(payload.unit === "%" ? { style: "percent" as const } : {}),
  });
  const unit = payload.unit && payload.unit !== "%" ? `\u00a0${payload.unit}` : "";
  return (n) => (n === null ? missing : numbers.format(n) + unit);
}
