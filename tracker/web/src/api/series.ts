import { post } from "./client";
import type { PortionTold, SeriesAsked } from "./schema";

/** Points of series: `points` of each that show it, or all of them. Long series come in several portions. */
export async function readSeries(asked: SeriesAsked, signal?: AbortSignal): Promise<PortionTold[]> {
  return (await post("/api/v1/series", asked, signal)).portions;
}

/** A number where JSON lacks NaN and the infinities. */
export function numberOf(told: number | string): number {
  return Number(told);
}
