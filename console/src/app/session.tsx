/** The session: a token, stored in memory or for the life of the tab, and the profile of the user. */
import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";
import { client, requireBody } from "../api/client";
import { ApiError } from "../api/errors";
import { useToken as carry, onLogout } from "../api/fetching";
import rules from "../api/roles.json";

export type Role = "admin" | "manager" | "engineer" | "executive" | "customer" | "user";
/** An operation of the API as docs/roles.md writes it, e.g. "POST /api/batches". */
export type Operation = keyof typeof rules;

export interface User {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  readonly roles: readonly Role[];
}

type State =
  | { readonly is: "unknown" }
  | { readonly is: "out"; readonly expired: boolean }
  | { readonly is: "failed"; readonly error: Error }
  | { readonly is: "in"; readonly user: User; readonly open: boolean };

interface Session {
  readonly state: State;
  /** Log in; `keep` until the tab is closed. ApiError when the API refuses. */
  readonly logIn: (email: string, password: string, keep: boolean) => Promise<void>;
  /** Use the token of another response, e.g. after a new password; stored like the previous one. */
  readonly take: (token: string) => Promise<void>;
  readonly logOut: () => void;
  /** Read the profile again, e.g. after a change of the name. */
  readonly again: () => Promise<void>;
}

const KEPT = "shopfloor.token";

/** Whether the API needs no token: it shows its version only to authenticated clients. */
async function isOpen() {
  const { data } = await client.GET("/status");
  return "version" in requireBody(data);
}

const Current = createContext<Session | undefined>(undefined);

export function SessionProvider({ children }: { readonly children: ReactNode }) {
  const [state, setState] = useState<State>({ is: "unknown" });
  const queries = useQueryClient();
  const current = useRef<string>(undefined);

  const look = useCallback(async (token: string | undefined) => {
    carry(token);
    current.current = token;
    try {
      if (token === undefined && !(await isOpen())) return setState({ is: "out", expired: false });
      const { data } = await client.GET("/v1/users/profile");
      setState({ is: "in", user: requireBody(data).data as User, open: token === undefined });
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) setState({ is: "out", expired: token !== undefined });
      else setState({ is: "failed", error: error as Error });
    }
  }, []);

  const leave = useCallback(
    (expired: boolean) => {
      window.sessionStorage.removeItem(KEPT);
      carry(undefined);
      current.current = undefined;
      queries.clear();
      setState({ is: "out", expired });
    },
    [queries],
  );

  useEffect(() => {
    onLogout(() => leave(true));
    void look(window.sessionStorage.getItem(KEPT) ?? undefined);
  }, [leave, look]);

  const session = useMemo<Session>(
    () => ({
      state,
      logIn: async (email, password, keep) => {
        const { data } = await client.POST("/v1/users/login", { body: { email, password } });
        const { token } = requireBody(data).data;
        if (keep) window.sessionStorage.setItem(KEPT, token);
        await look(token);
      },
      take: async (token) => {
        if (window.sessionStorage.getItem(KEPT)) window.sessionStorage.setItem(KEPT, token);
        await look(token);
        queries.removeQueries({ type: "inactive" }); // data of a previous user of this tab
      },
      logOut: () => {
        leave(false);
        window.location.hash = "#/"; // the next user starts with the own start screen
      },
      again: () => look(current.current),
    }),
    [state, look, leave, queries],
  );
  return <Current value={session}>{children}</Current>;
}

export function useSession(): Session {
  const session = useContext(Current);
  if (!session) throw new Error("outside of SessionProvider");
  return session;
}

/** The user who is logged in; only below the layout. */
export function useUser(): User {
  const { state } = useSession();
  if (state.is !== "in") throw new Error("no user is logged in");
  return state.user;
}

/** Whether roles allow an operation: on all records ("yes"), on own records ("own"), or not (undefined). */
export function allowed(roles: readonly Role[], operation: Operation): "yes" | "own" | undefined {
  const granted = roles.map((role) => (rules[operation] as Partial<Record<Role, string>>)[role]);
  return granted.includes("yes") ? "yes" : granted.includes("own") ? "own" : undefined;
}

/** A function that returns whether the user may do an operation. The API checks the same. */
export function useMay(): (operation: Operation) => "yes" | "own" | undefined {
  const { roles } = useUser();
  return useCallback((operation) => allowed(roles, operation), [roles]);
}
