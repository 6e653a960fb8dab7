import "@mantine/core/styles.layer.css";
import "@mantine/notifications/styles.layer.css";
import "./app/global.css";
import "./i18n";
import { MantineProvider } from "@mantine/core";
import { ModalsProvider } from "@mantine/modals";
import { Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { setNonce } from "get-nonce";
import i18next from "i18next";
import { createRoot } from "react-dom/client";
import { ApiError, NoNetwork } from "./api/errors";
import { router } from "./app/router";
import { SessionProvider } from "./app/session";
import { readable, useTheme } from "./app/theme";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 1_000,
      retry: (count, error) =>
        count < 2 && (error instanceof NoNetwork || (error instanceof ApiError && error.isTemporary)),
      retryDelay: (count, error) =>
        error instanceof ApiError && error.retryAfter ? error.retryAfter * 1000 : 500 * 2 ** count,
    },
  },
});
i18next.on("languageChanged", () => void queries.invalidateQueries()); // the API answers in the new language
const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content;
const element = document.getElementById("root");
if (nonce) setNonce(nonce); // for the styles of what keeps the page still behind a dialog
if (!element) throw new Error("the page has no #root");

function Console() {
  return (
    <MantineProvider
      theme={useTheme()}
      cssVariablesResolver={readable}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce ?? ""}
    >
      <QueryClientProvider client={queries}>
        <SessionProvider>
          <ModalsProvider>
            <Notifications position="top-right" />
            <RouterProvider router={router} />
          </ModalsProvider>
        </SessionProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}

createRoot(element).render(<Console />);
