import { Textarea } from "@mantine/core";
import { useText } from "./texts";

const MAX_LENGTH = 200; // of the API

/** The error of a title as the key of a text; undefined for a valid title. */
export function faultOf(title: string): "required" | "titleTooLong" | undefined {
  if (!title.trim()) return "required";
  return lengthOf(title) > MAX_LENGTH ? "titleTooLong" : undefined;
}

const lengthOf = (title: string) => [...title.trim()].length; // code points, as the API counts

interface Props {
  readonly value: string;
  readonly error?: React.ReactNode;
  readonly onChange: (title: string) => void;
}

/** The title of a defect, with its length and the maximum. */
export function TitleField({ value, error, onChange }: Props) {
  const text = useText();
  const length = lengthOf(value);
  return (
    <Textarea
      label={text("defect")}
      withAsterisk
      data-autofocus
      autosize
      minRows={1}
      maxRows={6}
      description={text("characters", { count: length, most: MAX_LENGTH })}
      inputWrapperOrder={["label", "input", "error", "description"]}
      value={value}
      error={error ?? (length > MAX_LENGTH && text("titleTooLong"))}
      onChange={({ currentTarget }) => onChange(currentTarget.value.replaceAll(/\s*\n\s*/g, " "))}
    />
  );
}
