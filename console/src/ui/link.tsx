/** Links to screens, with the looks of Mantine. */
import { Anchor, type AnchorProps, Button, type ButtonProps } from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import type { ComponentPropsWithRef } from "react";

type Attributes<Own> = Own & Omit<ComponentPropsWithRef<"a">, keyof Own>;

/** A link in a text: `<TextLink to="/batches/$id" params={{ id }}>`. */
export const TextLink = createLink((props: Attributes<AnchorProps>) => <Anchor {...props} />);

/** A link that looks like a button. */
export const ButtonLink = createLink((props: Attributes<ButtonProps>) => <Button component="a" {...props} />);
