/** Whether the page comes from a server of figureground, which also works on videos. */
import { signal } from "@preact/signals";

export const server = signal(false);

/** Ask for the page's settings; a static site has them as a file that says there is no server. */
export async function askServer(): Promise<void> {
  try {
    const answer = await fetch("config.json", { cache: "no-store" });
    const { server: there } = (await answer.json()) as { server?: boolean };
    server.value = there === true;
  } catch {
    server.value = false; // offline
  }
}
