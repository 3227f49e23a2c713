<?cs include:"macros.cs" ?><?cs set:Title = "生成进度：" + Job.Label ?><?cs if:Job.Running ?><?cs set:Refresh = #10 ?><?cs /if ?><?cs def:content() ?><div id="live"<?cs if:Job.Running ?> data-poll<?cs /if ?>><div class="panel<?cs if:Job.Running ?> run<?cs elif:Job.Generation == #3 ?> warn<?cs /if ?>"><h1><?cs if:Job.Running ?>正在生成电子证书<?cs else ?><?cs var:Job.Label ?><?cs /if ?></h1>
<p role="status"><?cs var:Job.Label ?></p></div>
<?cs if:Job.Running ?><p>证书正在排队生成。您可以关闭浏览器，生成会继续进行。</p>
<?cs if:Job.Attempts > #1 ?><p>前几次没有成功，系统正在自动重试（第 <?cs var:Job.Attempts ?> 次）。</p>
<?cs /if ?><?cs elif:Job.Generation == #3 ?><p class="note bad">电子证书未能生成，证书编号已保留，无需重新申请。请联系管理部门处理，并说明任务编号 <?cs var:Job.Id ?>。</p>
<?cs else ?><p>电子证书已经生成，可以查看并下载。</p>
<?cs /if ?><?cs if:Job.Certificate > #0 ?><p><a class="button plain" href="/certificates/<?cs var:Job.Certificate ?>">查看证书</a></p>
<?cs /if ?></div>
<?cs /def ?><?cs include:"layout.cs" ?>
