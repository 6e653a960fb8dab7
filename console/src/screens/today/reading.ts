/** The queries of Today. */

import { useQuery } from "@tanstack/react-query";
import dayjs from "dayjs";
import { useEffect, useState } from "react";
import { api, client, requireBody, SLOW_POLL_MS, useLive } from "../../api/client";
import { lastDays } from "./rules";

export const useToday = (enabled: boolean) =>
  api.useQuery("get", "/api/analytics/today", {}, { refetchInterval: SLOW_POLL_MS, enabled });

export const useDashboard = () => useLive("/api/analytics/dashboard", {});

/** The figures of the last two weeks: by day, by work centre and by shift. */
export function useFigures(enabled: boolean) {
  const period = lastDays(dayjs());
  const query = { date_from: period.from, date_to: period.to };
  const options = { refetchInterval: SLOW_POLL_MS, enabled };
  return {
    period,
    days: api.useQuery("get", "/api/analytics/timeseries", { params: { query } }, options),
    centers: api.useQuery("get", "/api/analytics/work_centers", { params: { query } }, options),
    shifts: api.useQuery("get", "/api/analytics/shifts", { params: { query } }, options),
  };
}

/** Whether the site has no batch at all; asked only while the figures, which may be minutes old, say so. */
export function useIsEmpty(looksEmpty: boolean) {
  const { data } = useQuery({
    queryKey: ["any batch"],
    queryFn: async () =>
      requireBody((await client.GET("/api/batches", { params: { query: { limit: 1 } } })).data).total === 0,
    refetchInterval: SLOW_POLL_MS,
    enabled: looksEmpty,
  });
  return looksEmpty && data === true;
}

/** The current time, updated every few seconds. */
export function useNow(every = 10_000) {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const ticking = window.setInterval(() => setNow(new Date()), every);
    return () => window.clearInterval(ticking);
  }, [every]);
  return now;
}
