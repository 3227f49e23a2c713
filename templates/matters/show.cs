<?cs include:"macros.cs" ?><?cs if:Matter.Running ?><?cs set:Title = "正在生成电子证书" ?><?cs set:Refresh = #10 ?><?cs elif:Matter.Failed > #0 ?><?cs set:Title = "部分电子证书生成失败" ?><?cs elif:Matter.Done > #0 ?><?cs set:Title = "电子证书已生成" ?><?cs else ?><?cs set:Title = Matter.Item ?><?cs /if ?><?cs def:content() ?><div id="live"<?cs if:Matter.Running ?> data-poll<?cs /if ?>>
<div class="panel<?cs if:Matter.Running ?> run<?cs elif:Matter.Failed > #0 ?> warn<?cs /if ?>"><h1><?cs var:Title ?></h1>
<p>事项编号<br><b><?cs var:Matter.Number ?></b></p></div>
<p role="status"><progress max="<?cs var:Matter.Items ?>" value="<?cs var:Matter.Done ?>"></progress> 已生成 <?cs var:Matter.Done ?> 本，共 <?cs var:Matter.Items ?> 本<?cs if:Matter.Failed > #0 ?>，失败 <?cs var:Matter.Failed ?> 本<?cs /if ?></p>
<h2>接下来</h2>
<?cs if:Matter.Running ?><p>申请已受理，证书正在排队生成。您可以关闭浏览器或办理其他业务，生成会继续进行；之后请在<a href="/certificates/">三类人员电子证书查询</a>中查看并下载。</p>
<?cs elif:Matter.Failed > #0 ?><p class="note bad">有 <?cs var:Matter.Failed ?> 本证书未能生成。证书编号已保留，无需重新申请；请联系管理部门处理，并说明事项编号。</p>
<?cs else ?><p>可以在下表或<a href="/certificates/">三类人员电子证书查询</a>中查看并下载。请妥善保存事项编号，以便日后查询。</p>
<?cs /if ?><table class="list of"><caption>本事项的电子证书</caption>
<thead><tr><th scope="col">证书编号<th scope="col">姓名<th scope="col">类别<th scope="col">有效期至<th scope="col">生成状态<th scope="col">操作
<tbody>
<?cs each:row = Rows ?><tr><th scope="row"><a href="/certificates/<?cs var:row.Id ?>"><?cs var:row.Number ?></a><td><?cs var:row.Name ?><td><?cs var:row.Class ?><td><?cs var:row.Until ?><td><?cs call:generation(row.Generation, row.Document) ?><td><?cs if:row.Ready ?><a href="/certificates/<?cs var:row.Id ?>/document">查看并下载</a><?cs /if ?>
<?cs /each ?></table>
<?cs call:pages("", Next) ?>
<dl class="facts"><?cs call:fact("办理事项", Matter.Item) ?><?cs call:fact("办理状态", Matter.Label) ?><?cs call:fact("申请时间", Matter.Opened) ?><?cs if:Matter.Closed ?><?cs call:fact("办结时间", Matter.Closed) ?><?cs /if ?></dl></div>
<?cs /def ?><?cs include:"layout.cs" ?>
