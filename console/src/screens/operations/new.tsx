import { Button, Menu, Modal } from "@mantine/core";
import { IconCalendarRepeat, IconChevronDown, IconClock, IconHourglass } from "@tabler/icons-react";
import { useState } from "react";
import { useMay, useUser } from "../../app/session";
import { NewLong } from "./new-long";
import { NewSchedule } from "./new-schedule";
import { NewTask } from "./new-task";
import { useText } from "./new-texts";
import { typesOf } from "./payload";

const FORMS = { deferred: NewTask, schedule: NewSchedule, long: NewLong } as const;
const ICONS = { deferred: IconClock, schedule: IconCalendarRepeat, long: IconHourglass } as const;
type Made = keyof typeof FORMS;

/** A menu of what may be made here, and the form of it. */
export function New() {
  const text = useText();
  const made = useMakeable();
  const [shown, setShown] = useState<Made>();
  const close = () => setShown(undefined);
  const Form = shown && FORMS[shown];
  if (made.length === 0) return null;
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button rightSection={<IconChevronDown size={16} aria-hidden />}>{text("open")}</Button>
        </Menu.Target>
        <Menu.Dropdown>
          {made.map((one) => {
            const Icon = ICONS[one];
            return (
              <Menu.Item key={one} leftSection={<Icon size={16} aria-hidden />} onClick={() => setShown(one)}>
                {text(one)}
              </Menu.Item>
            );
          })}
        </Menu.Dropdown>
      </Menu>
      <Modal opened={Form !== undefined} onClose={close} title={shown && text(shown)} size="lg">
        {Form && <Form onDone={close} />}
      </Modal>
    </>
  );
}

function useMakeable(): Made[] {
  const may = useMay();
  const { roles } = useUser();
  return [
    ...(may("POST /api/v1/tasks") && typesOf(roles).length > 0 ? (["deferred"] as const) : []),
    ...(may("POST /api/v1/schedules") ? (["schedule"] as const) : []),
    ...(may("POST /task/{id}") ? (["long"] as const) : []),
  ];
}
