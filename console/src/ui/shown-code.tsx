/** A code on a page: its group separators are seen, and copied as they can be typed. */
import { Fragment } from "react";
import { GS, shownCode } from "./code";
import classes from "./shown-code.module.css";

export function Code({ children, className = "" }: { readonly children: string; readonly className?: string }) {
  const parts = children.split(GS).map((part, index) => ({ part, key: `${index} ${part}` }));
  return (
    <span className={className}>
      {parts.map(({ part, key }, index) => (
        <Fragment key={key}>
          {index > 0 && <span className={classes.separator}>{shownCode(GS)}</span>}
          {part}
        </Fragment>
      ))}
    </span>
  );
}
