import { Card, NumberInput, Progress, SimpleGrid, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { type Schema, useList } from "../../api/client";
import { useFormat } from "../../i18n/format";
import { Page } from "../../ui/page";
import { Loaded, Nothing } from "../../ui/state";
import classes from "./scan.module.css";
import { useText } from "./texts";

const SHOWN = 24;

/** The open batches as large buttons. */
export function Choose() {
  const text = useText();
  const [number, setNumber] = useState<string | number>("");
  const [wanted] = useDebouncedValue(number, 300);
  const query = useList("/api/batches", {
    query: {
      is_closed: false,
      with_products: false,
      limit: SHOWN,
      sort_field: "batch_date",
      sort_direction: "DESC",
      ...(typeof wanted === "number" && { batch_number: wanted }),
    },
  });
  return (
    <Page title={text("choose")} hint={text("chooseHint")}>
      <NumberInput
        label={text("number")}
        value={number}
        onChange={setNumber}
        allowDecimal={false}
        allowNegative={false}
        hideControls
        size="lg"
        maw={360}
        inputMode="numeric"
      />
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <Nothing>{text(wanted === "" ? "none" : "noneNumber")}</Nothing>
          ) : (
            <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }}>
              {items.map((batch) => (
                <Choice key={batch.uuid} batch={batch} />
              ))}
            </SimpleGrid>
          )
        }
      </Loaded>
    </Page>
  );
}

function Choice({ batch }: { readonly batch: Schema<"Batch"> }) {
  const text = useText();
  const { day, number } = useFormat();
  const plan = batch.planned_quantity;
  return (
    <Card
      withBorder
      padding="lg"
      className={classes.choice ?? ""}
      renderRoot={(props) => <Link to="/scan" search={{ batch: batch.uuid }} {...props} />}
    >
      <Stack gap={4}>
        <Text size="xl" fw={700}>
          {text("batch", { number: batch.batch_number })}
        </Text>
        <Text>{batch.nomenclature}</Text>
        <Text c="dimmed">{[day(batch.batch_date), text("shift", { shift: batch.shift }), batch.team].join(" · ")}</Text>
        <Text fw={600}>
          {number(batch.products_total)} {plan ? text("plan", { plan: number(plan) }) : text("noPlan")}
        </Text>
        {plan ? <Progress value={(100 * batch.products_total) / plan} aria-label={text("title")} /> : null}
      </Stack>
    </Card>
  );
}
