import { Group, Select, Textarea, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { api } from "../../api/client";
import { useText } from "./new-texts";
import { type Fields, METHODS, type TaskType } from "./payload";

/** The fields of a form that a type of tasks asks for. */
export function PayloadFields<Values extends Fields>({
  type,
  form,
}: {
  readonly type: TaskType;
  readonly form: UseFormReturnType<Values>;
}) {
  const text = useText();
  const input = (name: keyof Fields) => ({
    label: text(name === "template" ? "template" : name),
    ...form.getInputProps(name),
  });
  switch (type) {
    case "http_callback":
      return (
        <>
          <Group align="flex-start" wrap="nowrap">
            <Select w={120} data={METHODS} allowDeselect={false} {...input("method")} />
            <TextInput flex={1} type="url" placeholder="https://" withAsterisk {...input("url")} />
          </Group>
          <Textarea autosize minRows={2} maxRows={10} description={text("dataHint")} {...input("data")} />
        </>
      );
    case "send_email":
      return (
        <>
          <TextInput type="email" withAsterisk {...input("to")} />
          <TextInput {...input("subject")} />
          <Textarea autosize minRows={3} maxRows={12} {...input("body")} />
        </>
      );
    case "send_sms":
      return (
        <>
          <TextInput type="tel" placeholder="+79991234567" withAsterisk {...input("phone")} />
          <Textarea autosize minRows={2} withAsterisk {...input("text")} />
        </>
      );
    case "generate_report":
      return (
        <>
          <TextInput withAsterisk {...input("report")} />
          <Template {...input("template")} />
        </>
      );
    case "publish_event":
      return (
        <>
          <TextInput withAsterisk {...input("event")} />
          <Textarea autosize minRows={2} maxRows={10} description={text("dataHint")} {...input("data")} />
        </>
      );
  }
}

function Template(props: { readonly label: string }) {
  const query = api.useQuery("get", "/api/v1/templates", { params: { query: { limit: 100 } } });
  return (
    <Select
      withAsterisk
      searchable
      data={(query.data?.templates ?? []).map(({ id, name }) => ({ value: String(id), label: name }))}
      {...props}
    />
  );
}
