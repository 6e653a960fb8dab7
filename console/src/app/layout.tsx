/** The frame of every screen: menu, theme, language, user; or the login. */
import {
  ActionIcon,
  Alert,
  Anchor,
  AppShell,
  Badge,
  Burger,
  Group,
  Menu,
  NavLink,
  ScrollArea,
  Text,
  Tooltip,
  useComputedColorScheme,
  useMantineColorScheme,
} from "@mantine/core";
import { useDisclosure, useNetwork } from "@mantine/hooks";
import { IconCloudOff, IconLogout, IconMoon, IconSun, IconUser } from "@tabler/icons-react";
import { Link, Outlet, useLocation, useRouterState } from "@tanstack/react-router";
import { lazy, Suspense, useEffect } from "react";
import { address } from "../api/base";
import { Failure, Loading } from "../ui/state";
import { Languages } from "./language";
import classes from "./layout.module.css";
import { GROUPS, SCREENS, type ScreenName, screensOf, startWith, visited } from "./screens";
import { useSession, useUser } from "./session";
import { useText } from "./texts";

/** The pages without a login: those that emails link to. */
const PUBLIC = "/link";

const Login = lazy(async () => ({ default: (await import("./login")).Login }));

export function Layout() {
  const { state, again } = useSession();
  const { pathname } = useLocation();
  if (pathname.startsWith(PUBLIC)) return <Outlet />;
  if (state.is === "unknown") return <Loading />;
  if (state.is === "failed") return <Failure error={state.error} again={() => void again()} />;
  if (state.is === "out")
    return (
      <Suspense fallback={<Loading />}>
        <Login expired={state.expired} />
      </Suspense>
    );
  return <Frame open={state.open} />;
}

function Frame({ open }: { readonly open: boolean }) {
  const text = useText();
  const [opened, { toggle, close }] = useDisclosure();
  const { pathname } = useLocation();
  const { online } = useNetwork();
  useEffect(() => {
    visited(pathname);
    close();
  }, [pathname, close]);
  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: 230, breakpoint: "sm", collapsed: { mobile: !opened } }}
      padding="md"
      className={classes.shell ?? ""}
    >
      <Anchor href="#content" className={classes.skip ?? ""} onClick={skip}>
        {text("skip")}
      </Anchor>
      <AppShell.Header>
        <Group h="100%" px="md" gap="xs" wrap="nowrap">
          <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={text("menu")} />
          <Link to="/" className={classes.brand ?? ""}>
            Shopfloor
          </Link>
          {open && (
            <Tooltip label={text("openHint")} multiline w={240}>
              <Badge color="orange" variant="light" tt="none" tabIndex={0} aria-label={text("openHint")}>
                {text("open")}
              </Badge>
            </Tooltip>
          )}
          <Group ml="auto" gap={4} wrap="nowrap">
            <Languages />
            <Theme />
            <Account open={open} />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" component="nav" aria-label={text("menu")}>
        <Screens />
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1} className={classes.main ?? ""}>
        {!online && (
          <Alert color="gray" icon={<IconCloudOff />} mb="md" role="status">
            {text("offline")}
          </Alert>
        )}
        <Outlet />
      </AppShell.Main>
    </AppShell>
  );
}

/** The address after `#` is the screen, so this link may not be followed. */
function skip(event: React.MouseEvent) {
  event.preventDefault();
  document.getElementById("content")?.focus();
}

function Screens() {
  const text = useText();
  const { roles } = useUser();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const shown = screensOf(roles);
  return (
    <>
      <AppShell.Section grow component={ScrollArea} type="auto" viewportProps={{ tabIndex: -1 }}>
        {(Object.keys(GROUPS) as (keyof typeof GROUPS)[]).map((group) => {
          const screens = shown.filter((screen) => screen.group === group);
          return screens.length === 0 ? null : (
            <div key={group}>
              <Text size="xs" c="dimmed" fw={600} px="sm" pt="xs">
                {text(group)}
              </Text>
              {screens.map(({ name, path: to, icon: Icon }) => (
                <NavLink
                  key={name}
                  renderRoot={(props) => <Link to={to} {...props} />}
                  label={text(name)}
                  leftSection={<Icon size={18} stroke={1.6} aria-hidden />}
                  active={path === to || path.startsWith(`${to}/`)}
                  className={classes.link ?? ""}
                />
              ))}
            </div>
          );
        })}
      </AppShell.Section>
      <AppShell.Section pt="xs">
        <Anchor href={address("docs")} size="sm" px="sm" target="_blank">
          {text("docs")}
        </Anchor>
      </AppShell.Section>
    </>
  );
}

function Theme() {
  const text = useText();
  const { setColorScheme } = useMantineColorScheme();
  const next = useComputedColorScheme("light") === "light" ? "dark" : "light";
  const Icon = next === "dark" ? IconMoon : IconSun;
  return (
    <ActionIcon variant="subtle" color="gray" size="lg" aria-label={text(next)} onClick={() => setColorScheme(next)}>
      <Icon size={20} aria-hidden />
    </ActionIcon>
  );
}

function Account({ open }: { readonly open: boolean }) {
  const text = useText();
  const { logOut } = useSession();
  const { name, email } = useUser();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const here: { readonly name: ScreenName } | undefined = SCREENS.find((screen) => path.startsWith(screen.path));
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={text("account")}>
          <IconUser size={20} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{[name, email].filter(Boolean).join(" · ")}</Menu.Label>
        {here && (
          <Menu.Item onClick={() => startWith(here.name)}>{text("start", { screen: text(here.name) })}</Menu.Item>
        )}
        {!open && (
          <>
            <Menu.Item component={Link} to="/profile">
              {text("profile")}
            </Menu.Item>
            <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={logOut}>
              {text("logOut")}
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
