import { type CSSVariablesResolver, createTheme, mergeThemeOverrides } from "@mantine/core";
import { useText } from "../ui/texts";

const theme = createTheme({
  primaryColor: "cyan",
  primaryShade: 9,
  autoContrast: true,
  defaultRadius: "md",
  cursorType: "pointer",
  components: {
    ModalHeader: { defaultProps: { component: "div" } }, // a <header> would be a second banner of the page
    // Each choice as wide as its own text: shared evenly, the longest would be cut.
    SegmentedControl: { styles: { control: { flex: "1 1 auto" } } },
    DrawerHeader: { defaultProps: { component: "div" } },
  },
});

/** The theme, with names in the user's language for the buttons that have no text. */
export function useTheme() {
  const close = { "aria-label": useText()("close") };
  return mergeThemeOverrides(theme, {
    components: {
      ModalCloseButton: { defaultProps: close },
      DrawerCloseButton: { defaultProps: close },
      Notification: { defaultProps: { closeButtonProps: close } },
    },
  });
}

/** Secondary text and coloured labels with a contrast of 4.5 : 1 on their backgrounds (WCAG 2, AA), and more. */
export const readable: CSSVariablesResolver = ({ colors }) => {
  const names = Object.keys(colors).filter((name) => name !== "dark");
  const labels = (shade: number) =>
    Object.fromEntries(names.map((name) => [`--mantine-color-${name}-light-color`, colors[name]?.[shade] ?? ""]));
  const deeper = {
    ...labels(9),
    "--mantine-color-orange-light-color": "#a33507",
    "--mantine-color-teal-light-color": "#066649",
    "--mantine-color-yellow-light-color": "#8a4b00",
  };
  return {
    variables: {},
    light: {
      ...deeper,
      "--mantine-color-dimmed": colors.gray[7],
      "--mantine-color-placeholder": colors.gray[7],
      "--mantine-color-error": colors.red[9],
    },
    dark: {
      ...labels(2),
      "--mantine-color-dimmed": colors.dark[1],
      "--mantine-color-placeholder": colors.dark[1],
      "--mantine-color-error": colors.red[4],
      "--mantine-color-anchor": colors.cyan[3],
    },
  };
};
