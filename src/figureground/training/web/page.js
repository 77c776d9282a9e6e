// The page: a file in, a person out.
import { Remover } from "./figureground.js";

const state = document.querySelector("#state");
const result = document.querySelector("#result");
const remover = new Remover();

async function cutOut(file) {
  state.value = "working ...";
  try {
    const blob = await remover.removeBackground(file);
    URL.revokeObjectURL(result.src);
    result.src = URL.createObjectURL(blob);
    state.value = "";
  } catch (error) {
    state.value = error.message;
  }
}

document.querySelector("#image").addEventListener("change", ({ target }) => {
  if (target.files[0]) cutOut(target.files[0]);
});

const told = await (await fetch(new URL("figureground.json", import.meta.url))).json();
state.value = "loading ...";
try {
  await remover.load(told.network);
  state.value = "";
} catch (error) {
  state.value = error.message;
}
