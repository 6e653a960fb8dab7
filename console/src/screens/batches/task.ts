import { useEffect, useEffectEvent } from "react";
import { isOver, useTask } from "../../ui/task";

/** The background task with that id; `then` is called once when it is over. */
export function useEndedTask(id: string | undefined, then: () => void) {
  const { data } = useTask(id);
  const over = isOver(data);
  const ended = useEffectEvent(then);
  useEffect(() => {
    if (over) ended();
  }, [over]);
  return data;
}
