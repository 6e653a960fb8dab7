/** Roles as words. */
import { Badge, Group, MultiSelect, type MultiSelectProps } from "@mantine/core";
import type { Role } from "../../app/session";
import { useText } from "./texts";

export const ROLES = ["admin", "manager", "engineer", "executive", "customer", "user"] as const satisfies Role[];

/** Whether a text that the API sent is a role that the console knows. */
export const isRole = (text: string): text is Role => (ROLES as readonly string[]).includes(text);

export function Roles({ roles }: { readonly roles: readonly string[] }) {
  const text = useText();
  if (roles.length === 0) return <>—</>;
  return (
    <Group gap={4}>
      {roles.map((role) => (
        <Badge key={role} variant="light" color={role === "admin" ? "red" : "gray"} tt="none">
          {isRole(role) ? text(role) : role}
        </Badge>
      ))}
    </Group>
  );
}

/** Chooses roles, at least one. */
export function RolesInput(props: Omit<MultiSelectProps, "data" | "label">) {
  const text = useText();
  return (
    <MultiSelect
      label={text("roles")}
      data={ROLES.map((role) => ({ value: role, label: text(role) }))}
      required
      {...props}
    />
  );
}
