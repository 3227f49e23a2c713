<?cs include:"macros.cs" ?><?cs set:Title = "打包下载电子证书" ?><?cs def:content() ?><p class="back"><a href="/certificates/">返回三类人员电子证书查询</a></p>
<h1>打包下载电子证书</h1>
<?cs if:Count ?><p class="lead">可下载的电子证书较多，每次最多打包 <?cs var:Most ?> 本，从新到旧分批下载。<?cs if:Next ?>下载本批后，请点击“下一批”。<?cs else ?>这是最后一批。<?cs /if ?></p>
<p class="actions"><a class="button" href="/certificates/download<?cs var:Part ?>">打包下载本批 <?cs var:Count ?> 本</a><?cs if:Next ?><a rel="next" href="/certificates/download<?cs var:Next ?>">下一批</a><?cs /if ?><?cs if:First ?><a href="/certificates/download<?cs var:First ?>">回到第一批</a><?cs /if ?></p>
<?cs else ?><p class="empty">没有可以下载的电子证书。证书状态为“有效”、生成状态为“生成成功”的，才能下载。</p>
<?cs /if ?><?cs /def ?><?cs include:"layout.cs" ?>
