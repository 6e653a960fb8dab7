import { createRootRoute, lazyRouteComponent } from "@tanstack/react-router";
import { ButtonLink } from "../ui/link";
import { Page } from "../ui/page";
import { Failure, Nothing } from "../ui/state";
import { Layout } from "./layout";
import { useText } from "./texts";

export const root = createRootRoute({
  component: Layout,
  notFoundComponent: Unknown,
  errorComponent: ({ error, reset }) => <Failure error={error} again={reset} />,
});

/** The options of a screen's route: its path, and the component that is loaded when the screen is opened. */
export const screen = <const Path extends string, Module extends Record<string, unknown>>(
  path: Path,
  load: () => Promise<Module>,
  component: keyof Module & string,
) => ({ getParentRoute: () => root, path, component: lazyRouteComponent(load as never, component) });

function Unknown() {
  const text = useText();
  return (
    <Page title={text("unknown")}>
      <Nothing action={<ButtonLink to="/">{text("home")}</ButtonLink>}>{text("unknownHint")}</Nothing>
    </Page>
  );
}
