import { type QueryKey, useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useAgents } from "../api/queries";
import { useKey } from "../app/keys";
import { phone } from "../i18n/format";

interface PageOf<Item> {
  items: Item[];
  next: string | null;
}

/** A list that is read page by page; the rest comes when somebody asks for it. */
export function usePages<Page extends PageOf<unknown>>(
  queryKey: QueryKey,
  read: (at: { cursor?: string }, signal: AbortSignal) => Promise<Page>,
  enabled = true,
) {
  const found = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) =>
      read(pageParam === null ? {} : { cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page: Page) => page.next,
    enabled,
    // comparing ten thousand entries with themselves takes longer than drawing what is new
    structuralSharing: false,
  });
  const pages = found.data?.pages;
  const items = useMemo(
    () => (pages ?? []).flatMap((page) => page.items) as Page["items"],
    [pages],
  );
  return {
    items,
    first: pages?.[0],
    /** Nothing is known yet; an empty list is something else. */
    pending: found.isPending,
    error: found.isError && !found.data ? found.error : null,
    retry: () => void found.refetch(),
    hasMore: found.hasNextPage,
    more: () => void found.fetchNextPage(),
    fetching: found.isFetchingNextPage,
  };
}

/** How a colleague is called, by login; the login itself for one who is gone. */
export function useNames(): (login: string) => string {
  const agents = useAgents().data;
  return useMemo(() => {
    const names = new Map(agents?.items.map((one) => [one.login, one.name || one.login]));
    return (login) => names.get(login) ?? login;
  }, [agents]);
}

/** Whose phone an extension is; the extension itself if it is nobody's or several people's. */
export function usePhoneNames(): (extension: string) => string {
  const agents = useAgents().data;
  return useMemo(() => {
    const names = new Map<string, string[]>();
    for (const one of agents?.items ?? []) {
      for (const { extension } of one.extensions) {
        const sharing = names.get(extension) ?? [];
        if (!sharing.includes(one.name)) names.set(extension, [...sharing, one.name]);
      }
    }
    return (extension) => {
      const [name, ...others] = names.get(extension) ?? [];
      if (name === undefined) return phone(extension);
      return others.length === 0 ? `${name} (${extension})` : extension;
    };
  }, [agents]);
}

/** J and K go to the next and the previous row. */
export function useRowKeys(
  ids: readonly string[],
  chosen: string | null,
  go: (id: string) => void,
) {
  const step = (by: number) => {
    const at = chosen === null ? -1 : ids.indexOf(chosen);
    const id = ids[Math.min(ids.length - 1, Math.max(0, at + by))];
    if (id !== undefined) go(id);
  };
  useKey("J", () => step(1), { off: ids.length === 0 });
  useKey("K", () => step(-1), { off: ids.length === 0 });
}
