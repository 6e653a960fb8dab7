/** Secret keys that were made or typed in this tab: kept in memory, until it is closed or its user logs out. */
import { skipToken, useQuery, useQueryClient } from "@tanstack/react-query";

const NAME = "webhook secret";
const BYTES = 24;

/** A new key as Standard Webhooks has them. */
export const makeSecret = () => `whsec_${btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(BYTES))))}`;

/** The key of a subscription, where this tab knows it. */
export const useSecret = (id: string): string | undefined =>
  useQuery<string>({ queryKey: [NAME, id], queryFn: skipToken, gcTime: Number.POSITIVE_INFINITY }).data;

/** A function that remembers the key of a subscription. */
export function useRemember() {
  const queries = useQueryClient();
  return (id: string, secret: string) => {
    queries.setQueryDefaults([NAME], { gcTime: Number.POSITIVE_INFINITY });
    queries.setQueryData([NAME, id], secret);
  };
}
