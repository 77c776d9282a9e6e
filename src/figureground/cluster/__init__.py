"""Jobs on many machines: Dask distributes the work, and a folder of Parquet parts is the journal."""
