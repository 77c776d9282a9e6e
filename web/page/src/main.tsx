/** The page begins. */
import { render } from "preact";
import { engine } from "./engine";
import { offline } from "./offline";
import { App } from "./parts/app";
import { askServer } from "./server";
import { followView } from "./stage";
import { speak, wantedLanguage } from "./texts";
import { follow } from "./work";

async function begin(): Promise<void> {
  await speak(wantedLanguage(location.search, navigator.languages));
  render(<App />, document.getElementById("app")!);
  follow();
  followView();
  askServer();
  await offline();
  engine().catch(() => undefined); // said where the network's state is shown
}

begin();
