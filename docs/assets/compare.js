// Each comparison shows as much of its first image as its range says.
for (const compare of document.querySelectorAll(".compare")) {
  const range = compare.querySelector("input");
  const show = () => compare.style.setProperty("--cut", `${range.value}%`);
  range.addEventListener("input", show);
  show();
}
