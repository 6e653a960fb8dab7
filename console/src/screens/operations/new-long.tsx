import { Stack, Textarea } from "@mantine/core";
import { useForm } from "@mantine/form";
import { client } from "../../api/client";
import { useIdempotentPost } from "../../api/idempotent-post";
import { useMay, useUser } from "../../app/session";
import { useSending } from "../../ui/form";
import { notifySuccess } from "../../ui/notify";
import { PersonSelect } from "../../ui/people";
import { Submit } from "../../ui/submit";
import { useText } from "./new-texts";
import { useNumber } from "./reading";

const FETCHERS = ["admin", "manager", "engineer"];

/** A form that makes a long task, for oneself or for another user. */
export function NewLong({ onDone }: { readonly onDone: () => void }) {
  const text = useText();
  const me = useUser();
  const may = useMay();
  const post = useIdempotentPost();
  const chooses = may("POST /task/{id}") === "yes" && may("GET /users") !== undefined;
  const form = useForm({
    initialValues: { user: (chooses ? null : me.id) as string | null, task: "" },
    validate: {
      user: (value) => (value ? null : text("fill")),
      task: (value) => (value.trim() ? null : text("fill")),
    },
  });
  const number = useNumber(form.values.user ?? undefined);
  const { busy, error, send } = useSending(form);
  const submit = form.onSubmit(({ task }) =>
    send(async () => {
      if (number === undefined) return;
      const body = { task: task.trim() };
      await post([number, body], (headers) =>
        client.POST("/task/{id}", { params: { path: { id: number } }, body, headers }),
      );
      notifySuccess(text("madeLong"));
      onDone();
    }),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {chooses && (
          <PersonSelect
            label={text("forWhom")}
            withAsterisk
            value={form.values.user}
            onChange={(id) => form.setFieldValue("user", id)}
            error={form.errors.user}
          />
        )}
        <Textarea
          label={text("work")}
          description={text(me.roles.some((role) => FETCHERS.includes(role)) ? "workHint" : "workHintWait")}
          withAsterisk
          autosize
          minRows={2}
          maxLength={10_000}
          {...form.getInputProps("task")}
        />
        <Submit
          error={error}
          busy={busy || (form.values.user !== null && number === undefined)}
          label={text("create")}
        />
      </Stack>
    </form>
  );
}
