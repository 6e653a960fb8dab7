import { useEffect, useState } from "react";
import { ApiError } from "../api/errors";

/** The seconds until the API accepts the next request after an error; counts down to 0. */
export function usePause(error: unknown): number {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    const pause = (error instanceof ApiError && error.retryAfter) || 0;
    const until = Date.now() + pause * 1000;
    setLeft(pause);
    if (pause === 0) return;
    const ticking = window.setInterval(() => {
      const seconds = Math.max(0, Math.ceil((until - Date.now()) / 1000));
      setLeft(seconds);
      if (seconds === 0) window.clearInterval(ticking);
    }, 250);
    return () => window.clearInterval(ticking);
  }, [error]);
  return left;
}
